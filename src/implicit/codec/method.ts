import * as t from "io-ts"
import { badDefinition } from "../solvers/index.js"
import { badCombination, type Method } from "../spec/index.js"
import { type Codec, checked, portion, tagged, variant, whole } from "./parts.js"

/** A combination that means nothing is refused with the reason. */
const combination = (name: string, props: t.Props, options?: t.HasProps): t.Mixed =>
  checked(variant(name, props, options) as Codec<Method>, badCombination)

type Defined = Extract<Method, { readonly _tag: "defined" }>

/** Reads the method of a solver from outside. */
export const methodCodec: Codec<Method> = tagged<Method>("method", () => ({
  picard: variant("picard"),
  anderson: variant("anderson", { memory: whole(1), mixing: portion }),
  broyden: variant("broyden", { memory: whole(1), lineSearch: t.boolean }),
  newton: variant("newton"),
  newtonKrylov: variant("newtonKrylov", { memory: whole(1) }),
  iterate: variant("iterate", { count: whole(0) }),
  damped: variant("damped", { tau: portion, of: methodCodec }),
  perRow: variant("perRow", { of: methodCodec }),
  orElse: combination("orElse", { first: methodCodec, second: methodCodec }, t.partial({ evaluations: whole(1) })),
  andThen: combination("andThen", { first: methodCodec, evaluations: whole(1), second: methodCodec }),
  restarted: variant("restarted", { every: whole(1), of: methodCodec }),
  bestSoFar: variant("bestSoFar", { of: methodCodec }),
  defined: checked(variant("defined", { name: t.string, options: t.UnknownRecord }) as Codec<Defined>, badDefinition),
  polish: combination("polish", { steps: whole(1), of: methodCodec }),
}))
