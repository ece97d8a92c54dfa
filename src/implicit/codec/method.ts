import * as t from "io-ts"
import type { Method } from "../spec/index.js"
import { atLeastOne, type Codec, checked, closed, finite, portion, positive, size, tagged, variant, whole } from "./parts.js"

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
}))
