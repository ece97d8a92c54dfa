/** Functions made of primitives, numerically safe. */
import { broadcastAlong, type Elem, keptAxes, literal, type Mutable, type Shape, type Tensor, zerosOf } from "../core/index.js"
import { add, div, mul, neg, sub } from "./arithmetic.js"
import type { AxisCheck, Without } from "./axis-types.js"
import { stopGradient } from "./cast.js"
import { equal, finite, less, lessEqual, where } from "./compare.js"
import { exp, log, sqrt, tanh } from "./elementary.js"
import { normalAxes } from "./normal-axes.js"
import { max, mean, sum } from "./reduce.js"

/** Zeros of the shape and kind of `x`. */
export const zerosLike = <S extends Shape, E extends Elem>(x: Tensor<S, E>): Tensor<S, E> => zerosOf(x.type) as Tensor<S, E>
/** Ones of the shape of `x`. */
export const onesLike = <S extends Shape>(x: Tensor<S>): Tensor<S> => full(x.shape, 1) as unknown as Tensor<S>
/** A tensor with one value everywhere. */
export const full = <const S extends readonly number[]>(shape: S, value: number): Tensor<Mutable<S>> =>
  broadcastAlong(literal(value), shape, []) as Tensor<Mutable<S>>
/** Zeros of a shape. */
export const zeros = <const S extends readonly number[]>(shape: S): Tensor<Mutable<S>> => full(shape, 0)

/** `x^2` */
export const square = <S extends Shape>(x: Tensor<S>): Tensor<S> => mul(x, x)
/** Absolute value; derivative 1 at 0, -1 below. */
export const abs = <S extends Shape>(x: Tensor<S>): Tensor<S> => where(less(x, 0), neg(x), x)
/** `max(x, 0)`; derivative 0 at 0. NaN stays NaN. */
export const relu = <S extends Shape>(x: Tensor<S>): Tensor<S> => where(lessEqual(x, 0), zerosLike(x), x)
/** Logistic function `1 / (1 + e^-x)`, by way of tanh: no overflow on either side. */
export const sigmoid = <S extends Shape>(x: Tensor<S>): Tensor<S> => add(mul(tanh(mul(x, 0.5)), 0.5), 0.5)

/** `x` with the axes that a reduction removed put back, for arithmetic with the operand. */
export const restoreAxes = (reduced: Tensor, shape: readonly number[], axes: readonly number[]): Tensor =>
  broadcastAlong(reduced, shape, keptAxes(shape.length, axes)) as Tensor

/** `log(sum(exp(x)))` over an axis, shifted by the largest element: exact for any range. -Infinity where all are. */
export const logsumexp = <S extends Shape, const A extends number = -1>(
  of: Tensor<S>,
  axis?: A & AxisCheck<"logsumexp", S, A>,
): Tensor<Without<S, readonly [A]>> => {
  const x = of as Tensor
  const axes = normalAxes("logsumexp", x.shape.length, [axis ?? -1])
  const largest = stopGradient(max(x, axes) as Tensor)
  const shift = where(finite(largest), largest, zerosLike(largest))
  return add(log(sum(exp(sub(x, restoreAxes(shift, x.shape, axes))), axes) as Tensor), shift)
}

/** `exp(x) / sum(exp(x))` along an axis, shifted by the largest element. */
export const softmax = <S extends Shape, const A extends number = -1>(x: Tensor<S>, axis?: A & AxisCheck<"softmax", S, A>): Tensor<S> => {
  const axes = normalAxes("softmax", x.shape.length, [axis ?? -1])
  const e = exp(sub(x, restoreAxes(stopGradient(max(x as Tensor, axes) as Tensor), x.shape, axes)) as Tensor)
  return div(e, restoreAxes(sum(e, axes) as Tensor, x.shape, axes)) as Tensor as Tensor<S>
}

/** `log(softmax(x))` without the loss of small probabilities. */
export const logSoftmax = <S extends Shape, const A extends number = -1>(
  x: Tensor<S>,
  axis?: A & AxisCheck<"logSoftmax", S, A>,
): Tensor<S> => {
  const axes = normalAxes("logSoftmax", x.shape.length, [axis ?? -1])
  return sub(x as Tensor, restoreAxes(logsumexp(x as Tensor, axes[0] as number), x.shape, axes)) as Tensor as Tensor<S>
}

/** `(x - mean) / sqrt(variance + epsilon)` over the last axis; scale and shift are the caller's. Default epsilon 1e-5. */
export const standardize = <S extends Shape>(x: Tensor<S>, epsilon = 1e-5): Tensor<S> => {
  const axes = [x.shape.length - 1]
  const centred = sub(x as Tensor, restoreAxes(mean(x as Tensor, axes) as Tensor, x.shape, axes)) as Tensor
  const deviation = sqrt(add(mean(square(centred), axes) as Tensor, epsilon))
  return div(centred, restoreAxes(deviation, x.shape, axes)) as Tensor as Tensor<S>
}

/** Euclidean norm over all elements, gradient 0 at 0 (a choice: the function has a kink there). */
export const norm = (x: Tensor): Tensor<[]> => {
  const s = sum(square(x))
  const zero = equal(s, 0)
  // choose the operand first: sqrt's derivative at 0 is infinite
  return where(zero, zerosLike(s), sqrt(where(zero, onesLike(s), s)))
}

/** Inner product over all elements. */
export const dot = <S extends Shape>(a: Tensor<S>, b: Tensor<NoInfer<S>>): Tensor<[]> => sum(mul(a as Tensor, b as Tensor) as Tensor)
