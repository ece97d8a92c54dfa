/** The larger and the smaller of two, and clipping. */
import { type Op, type Shape, type Tensor, TraceError } from "../core/index.js"
import { neg } from "./arithmetic.js"
import { equal, less, where } from "./compare.js"
import * as f from "./formula.js"
import { applyBinary, type Binary, binaryOp, lift } from "./lift.js"

/** Of two equal numbers each has half the derivative: the middle of the subdifferential, as JAX has it. */
const share = (own: Tensor, other: Tensor): Tensor => where(equal(own, other), 0.5, where(less(other, own), 1, 0) as Tensor) as Tensor

const maximumOp: Op<null, 2, 1> = f.binaryFormula("maximum", [{ t: "fraction" }, { t: "real" }], f.larger, [
  (a, b) => share(a, b),
  (a, b) => share(b, a),
])

/**
 * The larger of two, element by element; NaN if either is. Where both are equal each has half of the derivative. Shapes are
 * broadcast; data-last, `maximum(b)(a)`.
 *
 * @example
 * evaluate(maximum(tensor([1, 5]), 3)) // right([3, 5])
 */
export const maximum = binaryOp("maximum", maximumOp)

const smaller = (a: unknown, b: unknown): unknown =>
  neg(applyBinary("minimum", maximumOp, neg(lift("minimum", a) as Tensor), neg(lift("minimum", b) as Tensor)) as Tensor)

/**
 * The smaller of two; as `maximum`.
 *
 * @example
 * evaluate(minimum(tensor([1, 5]), 3)) // right([1, 3])
 */
export const minimum: Binary<"minimum"> = ((...args: readonly unknown[]) =>
  args.length === 1 ? (a: unknown) => smaller(a, args[0]) : smaller(args[0], args[1])) as Binary<"minimum">

/**
 * `x` no smaller than `lo` and no larger than `hi`: `minimum(maximum(x, lo), hi)`. The derivative is 1 inside, 0 outside and half at
 * either bound. NaN stays NaN.
 *
 * @throws TraceError where both bounds are numbers and `lo` is above `hi`.
 *
 * @example
 * evaluate(clip(tensor([-2, 0.5, 7]), 0, 1)) // right([0, 0.5, 1])
 */
export const clip = <S extends Shape>(x: Tensor<S>, lo: Tensor | number, hi: Tensor | number): Tensor<S> => {
  if (typeof lo === "number" && typeof hi === "number" && lo > hi)
    throw new TraceError(`clip: the lower bound ${lo} is above the upper bound ${hi}; swap them`)
  return minimum(maximum(x as Tensor, lo as Tensor) as Tensor, hi as Tensor) as Tensor as Tensor<S>
}
