/** Tensors with one value everywhere. */
import { broadcastAlong, type Elem, literal, type Mutable, type Shape, type Tensor, zerosOf } from "../core/index.js"

/**
 * Zeros of the shape and kind of `x`.
 *
 * @example
 * evaluate(zerosLike(tensor([1, 2]))) // right([0, 0])
 */
export const zerosLike = <S extends Shape, E extends Elem>(x: Tensor<S, E>): Tensor<S, E> => zerosOf(x.type) as Tensor<S, E>
/**
 * Ones of the shape of `x`.
 *
 * @example
 * evaluate(onesLike(tensor([1, 2]))) // right([1, 1])
 */
export const onesLike = <S extends Shape>(x: Tensor<S>): Tensor<S> => full(x.shape, 1)
/**
 * A tensor with one value everywhere.
 *
 * @example
 * evaluate(full([2], 7)) // right([7, 7])
 */
export const full = <const S extends readonly number[]>(shape: S, value: number): Tensor<Mutable<S>> =>
  broadcastAlong(literal(value), shape, []) as Tensor<Mutable<S>>
/**
 * Zeros of a shape.
 *
 * @example
 * evaluate(zeros([2])) // right([0, 0])
 */
export const zeros = <const S extends readonly number[]>(shape: S): Tensor<Mutable<S>> => full(shape, 0)
