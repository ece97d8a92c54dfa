import * as t from "io-ts"
import type { Method } from "../spec/index.js"
import { atLeastOne, type Codec, checked, closed, portion, positive, real, size, tagged, variant, whole } from "./parts.js"

type Bounds = Pick<Extract<Method, { readonly _tag: "chebyshev" }>, "low" | "high">

/** Reads the method of a solver from outside. */
export const methodCodec: Codec<Method> = tagged<Method>("method", () => ({
  picard: variant("picard"),
  anderson: variant(
    "anderson",
    { memory: whole(1), mixing: portion },
    t.partial({ ridge: size, restart: whole(1), safeguard: closed("safeguard", t.type({ growth: atLeastOne, bound: positive })) }),
  ),
  broyden: variant("broyden", { memory: whole(1), lineSearch: t.boolean }, t.partial({ update: t.keyof({ good: null, bad: null }) })),
  chebyshev: checked(variant("chebyshev", { low: real, high: real }) as Codec<Bounds>, ({ low, high }) =>
    low <= high && high < 1 ? null : `the spectrum must lie in [low, high] with low <= high < 1, found [${low}, ${high}]`,
  ),
  newton: variant("newton"),
  newtonKrylov: variant("newtonKrylov", { memory: whole(1) }),
  iterate: variant("iterate", { count: whole(0) }),
  damped: variant("damped", { tau: portion, of: methodCodec }),
  perRow: variant("perRow", { of: methodCodec }),
}))
