/** Joining tensors in the types: along a literal axis sizes add up, along the others they have to be equal. */
import type { AnyTensor, Dim, IsTuple, Shape, ShapeError, Show, Tensor, Unchecked, Unify } from "../core/index.js"
import type { AreLiteral, AxisOf, InsertAxis } from "./axis-types.js"
import type { Plus } from "./size-types.js"

type ShapeOf<T> = T extends Tensor<infer S> ? S : Unchecked // no tensor: refused already

/** One shape that both can be, but for the axis `P`, where it is their sum; never where there is none. */
type Meet<A extends Shape, B extends Shape, P, R extends Shape = []> = A extends readonly [infer X extends Dim, ...infer S extends Shape]
  ? B extends readonly [infer Y extends Dim, ...infer T extends Shape]
    ? R["length"] extends P
      ? Meet<S, T, P, [...R, Plus<X, Y>]>
      : [Unify<X, Y>] extends [never]
        ? never
        : Meet<S, T, P, [...R, Unify<X, Y>]>
    : never
  : B extends readonly []
    ? R
    : never

/** The meeting of all parts; `null` where two of them don't fit, unchecked where a rank is not known. */
type MeetAll<Parts extends readonly unknown[], P, R extends Shape> = Parts extends readonly [infer H, ...infer T]
  ? IsTuple<ShapeOf<H>> extends false
    ? Unchecked // of unknown rank
    : [Meet<R, ShapeOf<H>, P>] extends [never]
      ? null
      : MeetAll<T, P, Meet<R, ShapeOf<H>, P>>
  : R

type Joined<Parts extends readonly unknown[], A extends number> = Parts extends readonly [infer H, ...infer T]
  ? AreLiteral<ShapeOf<H>, A> extends true
    ? MeetAll<T, AxisOf<ShapeOf<H>, A>, ShapeOf<H>>
    : Unchecked // the axis is not known
  : Unchecked // a list whose length is not known

type ShapeOrUnchecked<R> = R extends Shape ? R : Unchecked // null is refused already

export type ConcatOf<Parts extends readonly AnyTensor[], A extends number> = ShapeOrUnchecked<Joined<Parts, A>>
export type StackOf<Parts extends readonly AnyTensor[], A extends number> =
  ShapeOrUnchecked<Equal<Parts>> extends infer S extends Shape ? InsertAxis<S, A, Parts["length"]> : Unchecked // never taken
type Equal<Parts extends readonly unknown[]> = Parts extends readonly [infer H, ...infer T]
  ? IsTuple<ShapeOf<H>> extends true
    ? MeetAll<T, never, ShapeOf<H>>
    : Unchecked // of unknown rank
  : Unchecked // a list whose length is not known

/** Errors at the parts that don't fit the first one. */
export type ConcatCheck<Parts extends readonly AnyTensor[], A extends number> = number extends A
  ? unknown
  : Parts extends readonly [infer H, ...unknown[]]
    ? IsTuple<ShapeOf<H>> extends false
      ? unknown
      : [AxisOf<ShapeOf<H>, A>] extends [never]
        ? ShapeError<`concat: axis ${A} does not exist in [${Show<ShapeOf<H>>}]`>
        : { readonly [K in keyof Parts]: FitCheck<"concat", ShapeOf<H>, ShapeOf<Parts[K]>, AxisOf<ShapeOf<H>, A>> }
    : unknown
export type StackCheck<Parts extends readonly AnyTensor[]> = Parts extends readonly [infer H, ...unknown[]]
  ? { readonly [K in keyof Parts]: FitCheck<"stack", ShapeOf<H>, ShapeOf<Parts[K]>, never> }
  : unknown

type FitCheck<N extends string, First extends Shape, S extends Shape, P extends number> =
  IsTuple<First> extends false
    ? unknown
    : IsTuple<S> extends false
      ? unknown
      : [Meet<First, S, P>] extends [never]
        ? ShapeError<`${N}: [${Show<S>}] does not fit [${Show<First>}]${[P] extends [never] ? "" : ` along axis ${P}`}`>
        : unknown
