import * as t from "io-ts"
import type { Method } from "../spec/index.js"
import { type Codec, portion, tagged, variant, whole } from "./parts.js"

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
}))
