/** Whole numbers next to a float, and remainders. Their derivatives are 0 (remainders: those of the linear pieces). */
import type { Op, Shape, Tensor } from "../core/index.js"
import { add, div, mul, neg, sub } from "./arithmetic.js"
import { and, equal, less, not, where } from "./compare.js"
import * as f from "./formula.js"
import { type Binary, broadcastShapes, broadcastTo, lift, unaryOp } from "./lift.js"
import { xor } from "./predicates.js"

const floorOp: Op<null, 1, 1> = f.unaryFormula("floor", { t: "fraction" }, f.whole, () => null)

/**
 * The largest whole number that is not above `x`. Derivative 0.
 *
 * @example
 * evaluate(floor(tensor([-0.5, 1.5]))) // right([-1, 1])
 */
export const floor = unaryOp("floor", floorOp)
/**
 * The smallest whole number that is not below `x`. Derivative 0.
 *
 * @example
 * evaluate(ceil(tensor([-0.5, 1.5]))) // right([-0, 2])
 */
export const ceil = <S extends Shape>(x: Tensor<S>): Tensor<S> => neg(floor(neg(x)))
/**
 * `x` without its fraction, towards 0. Derivative 0.
 *
 * @example
 * evaluate(trunc(tensor([-1.5, 1.5]))) // right([-1, 1])
 */
export const trunc = <S extends Shape>(x: Tensor<S>): Tensor<S> => where(less(x, 0), ceil(x), floor(x))
/**
 * The nearest whole number; of two the even one, as IEEE 754, NumPy and JAX round (not `Math.round`). Derivative 0.
 *
 * @example
 * evaluate(round(tensor([0.5, 1.5, 2.5, 2.6]))) // right([0, 2, 2, 3])
 */
export const round = <S extends Shape>(x: Tensor<S>): Tensor<S> => {
  // The difference is exact but for -1/2 < x < 0, where it rounds to at least 1/2 and both ways give 0.
  const below = floor(x) as Tensor
  const rest = sub(x as Tensor, below) as Tensor
  const above = add(below, 1) as Tensor
  const half = mul(below, 0.5) as Tensor
  const even = where(equal(half, floor(half)), below, above)
  return where(less(rest, 0.5), below, where(less(0.5, rest), above, even)) as Tensor as Tensor<S>
}

const remainderOf = (x: unknown, y: unknown): Tensor => {
  const [p, q] = [lift("remainder", x, y), lift("remainder", y, x)]
  const shape = broadcastShapes("remainder", p, q)
  const [a, b] = [broadcastTo(p as Tensor, shape), broadcastTo(q as Tensor, shape)] as [Tensor, Tensor]
  const times = floor(div(a, b) as Tensor) as Tensor
  // An infinite divisor is not multiplied by 0.
  const none = equal(times, 0)
  const rest = where(none, a, sub(a, mul(times, where(none, 1, b)) as Tensor) as Tensor)
  // The quotient may have been rounded up to a whole number, which leaves the rest on the wrong side of 0.
  const wrong = and(not(equal(rest, 0)), xor(less(rest, 0), less(b, 0)))
  return where(wrong, add(rest, b) as Tensor, rest)
}

/**
 * `a - b floor(a / b)`: what is left of `a`, with the sign of `b`, as `%` in Python (in JavaScript it has the sign of `a`). NaN where
 * `b` is 0 or `a` infinite; `a` or `b` itself for infinite `b`. The error is below an ulp of `a`, so the rest of a large number by a
 * small one has few digits. Derivatives: 1 by `a`, `-floor(a / b)` by `b`. Data-last, `remainder(b)(a)`.
 *
 * @example
 * evaluate(remainder(tensor([-1, 7]), 3)) // right([2, 1])
 */
export const remainder: Binary<"remainder"> = ((...args: readonly unknown[]) =>
  args.length === 1 ? (a: unknown) => remainderOf(a, args[0]) : remainderOf(args[0], args[1])) as Binary<"remainder">
