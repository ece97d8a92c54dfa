/** Absolute value and sign. */
import type { Shape, Tensor } from "../core/index.js"
import { neg } from "./arithmetic.js"
import { stopGradient } from "./cast.js"
import { less, where } from "./compare.js"

/**
 * Absolute value; derivative 1 at 0, -1 below.
 *
 * @example
 * evaluate(abs(tensor([-1, 2]))) // right([1, 2])
 */
export const abs = <S extends Shape>(x: Tensor<S>): Tensor<S> => where(less(x, 0), neg(x), x)

/**
 * -1, 0 or 1. Zeros keep their sign, NaN stays NaN. The derivative is 0 everywhere.
 *
 * @example
 * evaluate(sign(tensor([-2, 0, 5]))) // right([-1, 0, 1])
 */
export const sign = <S extends Shape>(x: Tensor<S>): Tensor<S> =>
  where(less(0, x), 1, where(less(x, 0), -1, stopGradient(x)) as Tensor) as Tensor<S>
