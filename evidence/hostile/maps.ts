/** The functions that hostile problems are made of: in the language, and in plain numbers with the derivative. */

import type { Tensor } from "../../src/index.js"
import { abs, add, cos, div, exp, greater, log, mul, neg, sin, sqrt, square, tanh, where } from "../../src/ops/index.js"

export interface Pointwise {
  readonly name: string
  readonly of: (x: Tensor) => Tensor
  readonly at: (x: number) => number
  readonly slope: (x: number) => number
}

export const pointwise: readonly Pointwise[] = [
  { name: "affine", of: (x) => x, at: (x) => x, slope: () => 1 },
  { name: "tanh", of: (x) => tanh(x) as Tensor, at: Math.tanh, slope: (x) => 1 - Math.tanh(x) ** 2 },
  { name: "square", of: (x) => square(x) as Tensor, at: (x) => x * x, slope: (x) => 2 * x },
  { name: "sqrt", of: (x) => sqrt(x) as Tensor, at: Math.sqrt, slope: (x) => 0.5 / Math.sqrt(x) },
  { name: "exp", of: (x) => exp(x) as Tensor, at: Math.exp, slope: Math.exp },
  { name: "log", of: (x) => log(x) as Tensor, at: Math.log, slope: (x) => (x < 0 ? Number.NaN : 1 / x) },
  { name: "reciprocal", of: (x) => div(1, x) as Tensor, at: (x) => 1 / x, slope: (x) => -1 / (x * x) },
  { name: "sine", of: (x) => sin(mul(x, 3)) as Tensor, at: (x) => Math.sin(3 * x), slope: (x) => 3 * Math.cos(3 * x) },
  { name: "cosine", of: (x) => cos(x) as Tensor, at: Math.cos, slope: (x) => -Math.sin(x) },
  { name: "kink", of: (x) => abs(x) as Tensor, at: Math.abs, slope: Math.sign },
  { name: "step", of: (x) => where(greater(x, 0), 1, add(mul(x, 0), -1)) as Tensor, at: (x) => (x > 0 ? 1 : x * 0 - 1), slope: () => 0 },
  {
    name: "jump",
    of: (x) => where(greater(x, 0), neg(x), add(x, 1)) as Tensor,
    at: (x) => (x > 0 ? -x : x + 1),
    slope: (x) => (x > 0 ? -1 : 1),
  },
]
