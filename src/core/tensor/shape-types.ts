/**
 * Shapes in the type system. A dimension is a literal (`784`), a named string (`"B"`, equal only to itself, its size bound
 * at trace time) or `any` (unchecked). Errors are uninhabitable types intersected with the offending argument, so that the
 * compiler's message lands there and carries both shapes.
 */
import type { Elem, TensorType } from "./types.js"

/**
 * A shape or dimension that is not checked. It has to be `any`, assignable both ways; `number` or `unknown` would be a one-way
 * escape.
 */
// biome-ignore lint/suspicious/noExplicitAny: that is what unchecked means; every unchecked place says `Unchecked`
export type Unchecked = any

/** A dimension in the types: a size, or a name that equals itself only and is bound to a size while tracing. */
export type Dim = number | string
/** A shape in the types, `[]` that of a scalar. */
export type Shape = readonly Dim[]

declare const SHAPE: unique symbol
declare const ELEM: unique symbol
declare const ERR: unique symbol

/**
 * An immutable expression: one output of one application of an op. `S` is its shape, `E` its element kind; both exist only
 * in the types. `type` is what is known of it at run time.
 */
export interface Tensor<out S extends Shape = Unchecked, out E extends Elem = "float"> {
  readonly [SHAPE]: S
  readonly [ELEM]: E
  readonly type: TensorType
  readonly shape: readonly number[]
}

/** A tensor whatever its shape and element kind. `any` as shape is assignable both ways; that is what "unchecked" means here. */
export type AnyTensor = Tensor<Unchecked, Elem>

/** Never inhabited; its name is the message. */
export interface ShapeError<M extends string> {
  readonly [ERR]: M
}

/** What a tree of tensors looks like, applied to a user's own type (so that interfaces work). Numbers are lifted to scalars. */
export type TreeLike<P> = P extends AnyTensor
  ? P
  : P extends null | number
    ? P
    : P extends object
      ? { readonly [K in keyof P]: TreeLike<P[K]> }
      : never

/** Whether a type is `any`. */
export type IsAny<D> = 0 extends 1 & D ? true : false

/** Whether a type is one of several. */
export type IsUnion<T, U = T> = T extends U ? ([U] extends [T] ? false : true) : never

/** One dimension that both can be, or never. */
export type Unify<A extends Dim, B extends Dim> =
  IsAny<A> extends true
    ? B
    : IsAny<B> extends true
      ? A
      : number extends A
        ? B
        : number extends B
          ? A
          : A extends B
            ? B extends A
              ? A
              : never
            : never

type UnifyBroadcast<A extends Dim, B extends Dim> =
  IsAny<A> extends true ? B : IsAny<B> extends true ? A : A extends 1 ? B : B extends 1 ? A : Unify<A, B>

/** `B, 64`; `?` is unchecked, `...` any axes. */
export type Show<S extends Shape> =
  IsAny<S> extends true
    ? "..."
    : S extends readonly []
      ? ""
      : S extends readonly [infer H extends Dim, ...infer T extends Shape]
        ? `${ShowDim<H>}${T extends readonly [] ? "" : `, ${Show<T>}`}`
        : S extends readonly [...infer T extends Shape, infer H extends Dim]
          ? `${Show<T>}, ${ShowDim<H>}`
          : "..."
type ShowDim<D extends Dim> = IsAny<D> extends true ? "?" : number extends D ? "?" : D

/** Whether the rank of a shape is known. */
export type IsTuple<S extends Shape> = IsAny<S> extends true ? false : number extends S["length"] ? false : true

/** The shape of two shapes broadcast together, `null` where they don't, `any` where one is unknown. */
export type Broadcast<A extends Shape, B extends Shape, R extends Shape = []> =
  IsTuple<A> extends false
    ? Unchecked
    : IsTuple<B> extends false
      ? Unchecked
      : A extends readonly [...infer A0 extends Shape, infer a extends Dim]
        ? B extends readonly [...infer B0 extends Shape, infer b extends Dim]
          ? [UnifyBroadcast<a, b>] extends [never]
            ? null
            : Broadcast<A0, B0, [UnifyBroadcast<a, b>, ...R]>
          : [...A, ...R]
        : [...B, ...R]

/** The shape of two shapes broadcast together, unchecked where they don't. */
export type BroadcastOf<A extends Shape, B extends Shape> = Broadcast<A, B> extends infer R extends Shape ? R : Unchecked

/** Nothing where two shapes broadcast; else the error that the compiler shows, with both. `N` names the op. */
export type BroadcastCheck<N extends string, A extends Shape, B extends Shape> = [Broadcast<A, B>] extends [null]
  ? IsAny<Broadcast<A, B>> extends true
    ? unknown
    : ShapeError<`${N}: shapes do not broadcast: [${Show<A>}] with [${Show<B>}]`>
  : unknown

/** The shape of a matrix product, leading axes broadcast; `null` where there is none, unchecked where a shape is unknown. */
export type MatMul<A extends Shape, B extends Shape> =
  IsTuple<A> extends false
    ? Unchecked
    : IsTuple<B> extends false
      ? Unchecked
      : A extends readonly [...infer AB extends Shape, infer M extends Dim, infer K extends Dim]
        ? B extends readonly [...infer BB extends Shape, infer K2 extends Dim, infer N extends Dim]
          ? [Unify<K, K2>] extends [never]
            ? null
            : Broadcast<AB, BB> extends infer R extends Shape
              ? [...R, M, N]
              : null
          : null
        : null

/** Nothing where two shapes have a matrix product; else the error that the compiler shows, with both. */
export type MatMulCheck<A extends Shape, B extends Shape> = [MatMul<A, B>] extends [null]
  ? IsAny<MatMul<A, B>> extends true
    ? unknown
    : ShapeError<`matmul: ${MatMulMistake<A, B>}: [${Show<A>}] x [${Show<B>}]`>
  : unknown

type MatMulMistake<A extends Shape, B extends Shape> = A extends readonly [...Shape, Dim, infer K extends Dim]
  ? B extends readonly [...Shape, infer K2 extends Dim, Dim]
    ? [Unify<K, K2>] extends [never]
      ? "inner dimensions differ"
      : "leading axes do not broadcast"
    : "expected matrices"
  : "expected matrices"

/** The shape of a matrix product, unchecked where there is none. */
export type MatMulOf<A extends Shape, B extends Shape> = MatMul<A, B> extends infer R extends Shape ? R : Unchecked

/** The type of a gradient: the parameters' own type, `null` where a leaf isn't float. */
export type GradOf<P> = P extends AnyTensor
  ? P extends Tensor<infer S, infer E>
    ? E extends "float"
      ? Tensor<S>
      : null
    : null
  : P extends object
    ? { readonly [K in keyof P]: GradOf<P[K]> }
    : P

/** A shape, unchecked where nothing is known of it: what a polymorphic function gives when it was handed on. */
export type Settled<S extends Shape> = Shape extends S ? Unchecked : S

/** A shape with its named dimensions open. */
export type LooseShape<S extends Shape> = Shape extends S
  ? Unchecked // nothing is known of it: a polymorphic function was given
  : { [K in keyof S]: S[K] extends string ? Unchecked : S[K] } extends infer M extends Shape
    ? M
    : Unchecked // never taken

/** A type with its named dimensions open: what a compiled function accepts. */
export type Loose<P> = P extends AnyTensor
  ? P extends Tensor<infer S, infer E>
    ? Tensor<LooseShape<S>, E>
    : never
  : P extends object
    ? { readonly [K in keyof P]: Loose<P[K]> }
    : P

/** The arguments of a function with their named dimensions open. */
export type LooseAll<A extends readonly unknown[]> = { [K in keyof A]: Loose<A[K]> }

type KnownDim<D> = D extends number ? (number extends D ? Unchecked : D) : D extends string ? (string extends D ? Unchecked : D) : never

/** A given shape as a type: no tuple is `readonly`, and sizes that are no literals are unchecked. */
export type Mutable<S extends Shape> = number extends S["length"]
  ? Unchecked // a shape of unknown rank
  : { -readonly [K in keyof S]: KnownDim<S[K]> } extends infer M extends Shape
    ? M
    : Unchecked // never taken
