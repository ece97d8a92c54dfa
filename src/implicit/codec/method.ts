import * as t from "io-ts"
import type { Method } from "../spec/index.js"
import { type Codec, checked, finite, portion, positive, tagged, variant, whole } from "./parts.js"

/** Reads the method of a solver from outside. */
export const methodCodec: Codec<Method> = tagged<Method>("method", () => ({
  picard: variant("picard"),
  anderson: variant("anderson", { memory: whole(1), mixing: portion }),
  broyden: variant("broyden", { memory: whole(1), lineSearch: t.boolean }),
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
