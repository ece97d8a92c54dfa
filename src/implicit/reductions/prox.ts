/**
 * Proximal maps: prox(v) minimises psi(z) + |z - v|^2 / 2 over z. Made of ops, so derivatives in v and in the weights hold in both modes and
 * to every order. At a kink the derivative is the one of the constant piece, 0. NaN stays NaN.
 */
import { type Shape, showType, type Tensor, TraceError } from "../../core/index.js"
import { abs, add, div, less, lessEqual, mul, neg, norm, relu, restoreAxes, sub, where, zerosLike } from "../../ops/index.js"

type Weight = Tensor | number

/**
 * Of weight |z|_1: soft threshold, v shrunk towards 0 by the weight (a number, or one an element). Derivative 1 in v where |v| > weight
 * and -sign(v) in the weight; both 0 where |v| <= weight.
 *
 * @example
 * proxL1(tensor([3, -0.5, 1.2]), 1) // [2, 0, 0.2]
 */
export const proxL1 = <S extends Shape>(v: Tensor<S>, weight: Weight): Tensor<S> => {
  const given: Tensor = v
  const left = sub(abs(given), weight as Tensor) as Tensor
  return where(lessEqual(left, 0), zerosLike(left), where(less(given, 0), neg(left), left) as Tensor) as Tensor<S>
}

/**
 * Of weight |z|^2 / 2: v / (1 + weight).
 *
 * @example
 * proxSquaredL2(tensor([3, 6]), 2) // [1, 2]
 */
export const proxSquaredL2 = <S extends Shape>(v: Tensor<S>, weight: Weight): Tensor<S> =>
  div(v as Tensor, add(weight as Tensor, 1) as Tensor) as Tensor as Tensor<S>

/**
 * Of l1 |z|_1 + l2 |z|^2 / 2 (elastic net; Zou and Hastie 2005): the soft threshold by l1, divided by 1 + l2. Kinks as in `proxL1`.
 *
 * @example
 * proxElasticNet(tensor([3, -0.5]), 1, 1) // [1, 0]
 */
export const proxElasticNet = <S extends Shape>(v: Tensor<S>, l1: Weight, l2: Weight): Tensor<S> => proxSquaredL2(proxL1(v, l1), l2)

/**
 * Of the weight times the sum of the Euclidean norms of the vectors on the last axis (group lasso; Yuan and Lin 2006): each is shortened by
 * the weight, and 0 where it is no longer than that; there the derivative is 0 too.
 *
 * @example
 * proxGroupL2(tensor([[3, 4], [0.6, 0.8]]), 2.5) // [[1.5, 2], [0, 0]]
 */
export const proxGroupL2 = <S extends Shape>(v: Tensor<S>, weight: Tensor<[]> | number): Tensor<S> => {
  const given: Tensor = v
  if (given.shape.length === 0) throw new TraceError(`proxGroupL2: expected vectors on a last axis, found ${showType(given.type)}`)
  const last = [given.shape.length - 1]
  const size = restoreAxes(norm(given, { axes: last }), given.shape, last)
  const gone = lessEqual(size, weight as Tensor)
  const kept = mul(given, sub(1, div(weight as Tensor, where(gone, 1, size) as Tensor) as Tensor) as Tensor) as Tensor
  return where(gone, zerosLike(given), kept) as Tensor<S>
}

/**
 * Of weight sum(z) on z >= 0 (and infinite elsewhere): max(v - weight, 0). With the weight 0, its default, it is the projection onto z >= 0.
 * Derivative 0 at the kink.
 *
 * @example
 * proxNonnegative(tensor([3, 0.5, -1]), 1) // [2, 0, 0]
 */
export const proxNonnegative = <S extends Shape>(v: Tensor<S>, weight: Weight = 0): Tensor<S> =>
  relu(sub(v as Tensor, weight as Tensor) as Tensor) as Tensor<S>
