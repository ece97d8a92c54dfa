/** Tensors with one value everywhere. */
import { broadcastAlong, type Elem, literal, type Mutable, type Shape, type Tensor, zerosOf } from "../core/index.js"

/** Zeros of the shape and kind of `x`. */
export const zerosLike = <S extends Shape, E extends Elem>(x: Tensor<S, E>): Tensor<S, E> => zerosOf(x.type) as Tensor<S, E>
/** Ones of the shape of `x`. */
export const onesLike = <S extends Shape>(x: Tensor<S>): Tensor<S> => full(x.shape, 1)
/** A tensor with one value everywhere. */
export const full = <const S extends readonly number[]>(shape: S, value: number): Tensor<Mutable<S>> =>
  broadcastAlong(literal(value), shape, []) as Tensor<Mutable<S>>
/** Zeros of a shape. */
export const zeros = <const S extends readonly number[]>(shape: S): Tensor<Mutable<S>> => full(shape, 0)
