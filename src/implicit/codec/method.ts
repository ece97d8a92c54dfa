import * as t from "io-ts"
import { badDefinition } from "../solvers/index.js"
import { badCombination, type Method } from "../spec/index.js"
import { atLeastOne, type Codec, checked, closed, finite, portion, positive, size, tagged, variant, whole } from "./parts.js"

type Bounds = Pick<Extract<Method, { readonly _tag: "chebyshev" }>, "low" | "high">

/** A combination that means nothing is refused with the reason. */
const combination = (name: string, props: t.Props, options?: t.HasProps): t.Mixed =>
  checked(variant(name, props, options) as Codec<Method>, badCombination)

type Defined = Extract<Method, { readonly _tag: "defined" }>

/** Reads the method of a solver from outside. */
export const methodCodec: Codec<Method> = tagged<Method>("method", () => ({
  picard: variant("picard"),
  anderson: variant(
    "anderson",
    { memory: whole(1), mixing: portion },
    t.partial({ ridge: size, restart: whole(1), safeguard: closed("safeguard", t.type({ growth: atLeastOne, bound: positive })) }),
  ),
  broyden: variant("broyden", { memory: whole(1), lineSearch: t.boolean }, t.partial({ update: t.keyof({ good: null, bad: null }) })),
  chebyshev: checked(variant("chebyshev", { low: finite, high: finite }) as Codec<Bounds>, ({ low, high }) =>
    low <= high && high < 1 ? null : `the spectrum must lie in [low, high] with low <= high < 1, found [${low}, ${high}]`,
  ),
  newton: variant("newton", {}, t.partial({ lineSearch: t.boolean })),
  newtonKrylov: variant("newtonKrylov", { memory: whole(1) }),
  chord: variant("chord", { rate: portion }),
  pseudoTransient: variant("pseudoTransient", { delta: positive }),
  levenbergMarquardt: variant("levenbergMarquardt", { damping: positive }),
  dogleg: variant("dogleg", { radius: positive }),
  bisection: checked(
    variant("bisection", { low: finite, high: finite, expand: t.boolean }) as Codec<{ readonly low: number; readonly high: number }>,
    ({ low, high }) => (low < high ? null : `low must be below high, found ${low} and ${high}`),
  ),
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
