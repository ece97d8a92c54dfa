/** Norms, and moments about the mean. */
import { type Shape, type Tensor, TraceError } from "../core/index.js"
import { div, mul, sub } from "./arithmetic.js"
import { equal, where } from "./compare.js"
import { onesLike, zerosLike } from "./constants.js"
import { sqrt } from "./elementary.js"
import { maximum } from "./extrema.js"
import { normalAxes } from "./normal-axes.js"
import { square } from "./power.js"
import { max, mean, sum } from "./reduce.js"
import { keepAxes, restoreAxes } from "./reduced-axes.js"
import { sign } from "./sign.js"

/**
 * Inner product over all elements.
 *
 * @example
 * evaluate(dot(tensor([1, 2]), tensor([3, 4]))) // right(11)
 */
export const dot = <S extends Shape>(a: Tensor<S>, b: Tensor<NoInfer<S>>): Tensor<[]> => sum(mul(a as Tensor, b as Tensor) as Tensor)

/** sqrt with derivative 0 at 0: choose the operand first, as sqrt's own derivative there is infinite. */
const rootOrZero = (s: Tensor): Tensor => {
  const zero = equal(s, 0)
  return where(zero, zerosLike(s), sqrt(where(zero, onesLike(s), s)))
}

/** Which norm, and over which axes. */
export interface NormOptions {
  /** Sum of magnitudes, Euclidean norm, or largest magnitude; 2 by default. */
  readonly p?: 1 | 2 | typeof Number.POSITIVE_INFINITY
  /** The axes of a vector; all by default. */
  readonly axes?: readonly number[]
  /** Keeps those axes with size 1. */
  readonly keepDims?: boolean
}

interface Norm {
  /** Over all elements. */
  (x: Tensor): Tensor<[]>
  (x: Tensor, options: NormOptions): Tensor
}

/**
 * The p-norm for p = 1, 2 or Infinity, over all elements or over some axes. Where it has a kink the derivative is a choice: 0 for
 * elements that are 0, so also at the origin; of the largest elements each an even share. The squares of p = 2 must neither overflow
 * nor underflow.
 *
 * @throws TraceError for another p.
 *
 * @example
 * evaluate(norm(tensor([[3, 4], [0, 0]]), { axes: [1] })) // right([5, 0])
 */
export const norm: Norm = (x: Tensor, { p = 2, axes, keepDims }: NormOptions = {}): Tensor => {
  const gone = normalAxes("norm", x.shape.length, axes)
  const keep = (n: Tensor) => keepAxes(n, x.shape, gone, keepDims)
  // x sign(x) is |x| with derivative 0 at 0
  if (p === 1) return keep(sum(mul(x, sign(x)) as Tensor, gone) as Tensor)
  if (p === 2) return keep(rootOrZero(sum(square(x), gone) as Tensor))
  if (p === Number.POSITIVE_INFINITY) return keep(max(mul(x, sign(x)) as Tensor, gone) as Tensor)
  throw new TraceError(`norm: expected p = 1, 2 or Infinity, found ${p}`)
}

/**
 * `x` divided by its norm along some axes (the last one by default), or by `epsilon` where the norm is smaller: 0 stays 0. Default
 * epsilon 1e-12.
 *
 * @example
 * evaluate(normalize(tensor([3, 4]))) // right([0.6, 0.8])
 */
export const normalize = <S extends Shape>(
  x: Tensor<S>,
  { p = 2, axes = [-1], epsilon = 1e-12 }: Omit<NormOptions, "keepDims"> & { readonly epsilon?: number } = {},
): Tensor<S> => {
  const gone = normalAxes("normalize", x.shape.length, axes)
  const size = maximum(norm(x as Tensor, { p, axes: gone }), epsilon) as Tensor
  return div(x as Tensor, restoreAxes(size, x.shape, gone)) as Tensor as Tensor<S>
}

/** Options of `variance` and its like. */
export interface MomentOptions {
  /** What is subtracted from the number of elements: 0 by default; 1 for the unbiased estimate. */
  readonly correction?: number
  /** Keeps the reduced axes with size 1. */
  readonly keepDims?: boolean
}

/** `x` less its mean along some axes. */
export const centred = (x: Tensor, axes: readonly number[]): Tensor => sub(x, restoreAxes(mean(x, axes) as Tensor, x.shape, axes)) as Tensor

/**
 * Mean squared distance from the mean, over all axes or over those given, computed in two passes. NaN of nothing.
 *
 * @example
 * evaluate(variance(tensor([1, 3]))) // right(1)
 */
export const variance = (x: Tensor, axes?: readonly number[], { correction = 0, keepDims }: MomentOptions = {}): Tensor => {
  const gone = normalAxes("variance", x.shape.length, axes)
  const count = gone.reduce((n, a) => n * (x.shape[a] as number), 1)
  return keepAxes(div(sum(square(centred(x, gone)), gone) as Tensor, count - correction) as Tensor, x.shape, gone, keepDims)
}

/**
 * Standard deviation, the root of `variance`; derivative 0 where it is 0.
 *
 * @example
 * evaluate(std(tensor([1, 3]))) // right(1)
 */
export const std = (x: Tensor, axes?: readonly number[], options: MomentOptions = {}): Tensor => rootOrZero(variance(x, axes, options))
