/** Softmax and its kin. Rows are shifted by their largest element: exact for any range. */
import type { Shape, Tensor, Unchecked } from "../core/index.js"
import { add, div, mul, sub } from "./arithmetic.js"
import type { AxesCheck, AxisCheck, Reduced } from "./axis-types.js"
import { stopGradient } from "./cast.js"
import { equal, finite, where } from "./compare.js"
import { exp, log } from "./elementary.js"
import { normalAxes } from "./normal-axes.js"
import { max, sum } from "./reduce.js"
import { keepAxes, restoreAxes } from "./reduced-axes.js"

/** One axis, or several that form a row together. */
export type RowAxes = number | readonly number[]

type RowCheck<N extends string, S extends Shape, A extends RowAxes> = A extends number
  ? AxisCheck<N, S, A>
  : A extends readonly number[]
    ? AxesCheck<N, S, A>
    : unknown
type AxesOf<A extends RowAxes> = A extends number ? readonly [A] : A extends readonly number[] ? A : readonly number[]

/** Which elements of a softmax count. */
export interface MaskOptions {
  /** Elements that count; the others are as -Infinity, whatever they are. Broadcast to the operand. All by default. */
  readonly mask?: Tensor<Unchecked, "bool">
}

interface Rows {
  readonly x: Tensor
  readonly axes: readonly number[]
  /** The largest of each row, 0 where that is not finite; a constant. */
  readonly shift: Tensor
  /** `e^(x - shift)`, and its sums. */
  readonly powers: Tensor
  readonly total: Tensor
}

const rowsOf = (name: string, operand: Tensor, axis: RowAxes, mask: MaskOptions["mask"]): Rows => {
  const axes = normalAxes(name, operand.shape.length, typeof axis === "number" ? [axis] : axis)
  const x = mask === undefined ? operand : where(mask, operand, Number.NEGATIVE_INFINITY)
  const largest = stopGradient(max(x, axes) as Tensor)
  const shift = where(finite(largest), largest, 0)
  const powers = exp(sub(x, restoreAxes(shift, x.shape, axes)) as Tensor)
  return { x, axes, shift, powers, total: sum(powers, axes) as Tensor }
}

const logOfSum = ({ total, shift }: Rows): Tensor => {
  const none = equal(total, 0)
  // choose the operand first: the derivative of log at 0 is infinite
  return where(none, Number.NEGATIVE_INFINITY, add(log(where(none, 1, total)), shift) as Tensor)
}

/**
 * `log(sum(exp(x)))` over an axis, or over several; the last one by default. -Infinity, with derivative 0, where all elements are (or
 * none counts); Infinity where one is; NaN where one is. Its derivative is `softmax(x)`.
 *
 * @example
 * evaluate(logsumexp(tensor([1000, 1000]))) // right(1000.6931471805599)
 */
export const logsumexp = <S extends Shape, const A extends RowAxes = -1, K extends boolean = false>(
  x: Tensor<S>,
  axis?: A & RowCheck<"logsumexp", S, A>,
  { mask, keepDims }: MaskOptions & { readonly keepDims?: K } = {},
): Tensor<Reduced<S, AxesOf<A>, K>> => {
  const rows = rowsOf("logsumexp", x as Tensor, axis ?? -1, mask)
  return keepAxes(logOfSum(rows), rows.x.shape, rows.axes, keepDims)
}

/**
 * `exp(x) / sum(exp(x))` along an axis, or along several together; the last one by default. A masked element, as one of -Infinity, has
 * probability and gradient 0; a row of nothing else is 0 everywhere. NaN where an element is NaN or Infinity.
 *
 * @example
 * evaluate(softmax(tensor([0, 0, 5]), -1, { mask: less(tensor([0, 1, 2]), 2) })) // right([0.5, 0.5, 0])
 */
export const softmax = <S extends Shape, const A extends RowAxes = -1>(
  x: Tensor<S>,
  axis?: A & RowCheck<"softmax", S, A>,
  { mask }: MaskOptions = {},
): Tensor<S> => {
  const { powers, total, axes } = rowsOf("softmax", x as Tensor, axis ?? -1, mask)
  // one division a row; the largest element has power 1, so the total is at least 1 and its reciprocal keeps its digits
  const share = div(1, where(equal(total, 0), 1, total)) as Tensor
  return mul(powers, restoreAxes(share, powers.shape, axes)) as Tensor as Tensor<S>
}

/**
 * `log(softmax(x))` without the loss of small probabilities; -Infinity where softmax is 0 by a mask or an element of -Infinity.
 *
 * @example
 * evaluate(logSoftmax(tensor([0, -1000]))) // right([0, -1000])
 */
export const logSoftmax = <S extends Shape, const A extends RowAxes = -1>(
  x: Tensor<S>,
  axis?: A & RowCheck<"logSoftmax", S, A>,
  { mask }: MaskOptions = {},
): Tensor<S> => {
  const rows = rowsOf("logSoftmax", x as Tensor, axis ?? -1, mask)
  const shift = where(equal(rows.total, 0), 0, logOfSum(rows))
  return sub(rows.x, restoreAxes(shift, rows.x.shape, rows.axes)) as Tensor as Tensor<S>
}
