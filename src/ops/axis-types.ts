/**
 * Axes in the types: what a literal axis means for a shape. Everything is unchecked where the rank or an axis is not known while
 * compiling; the trace then checks what the types could not.
 */
import type { Dim, IsTuple, Shape, ShapeError, Show, Unchecked } from "../core/index.js"

/** The number from 0 of a literal axis, negative ones counted from the last; `never` where the shape has no such axis. */
export type AxisOf<S extends Shape, A extends number> = A extends number
  ? `${A}` extends `-${infer P extends number}`
    ? FromLast<S, P>
    : `${A}` extends keyof S
      ? A
      : never
  : never
type FromLast<S extends Shape, P extends number, Passed extends readonly 0[] = []> = Passed["length"] extends P
  ? S["length"]
  : S extends readonly [...infer R extends Shape, Dim]
    ? FromLast<R, P, [...Passed, 0]>
    : never

/** Whether both the axes and the rank are known. */
export type AreLiteral<S extends Shape, A extends number> = number extends A ? false : IsTuple<S>

/** An error where an axis does not exist. */
export type AxisCheck<N extends string, S extends Shape, A extends number> = number extends A
  ? unknown
  : IsTuple<S> extends false
    ? unknown
    : [AxisOf<S, A>] extends [never]
      ? ShapeError<`${N}: axis ${A} does not exist in [${Show<S>}]`>
      : unknown

/** An error where one of several axes does not exist or is named twice. */
export type AxesCheck<N extends string, S extends Shape, A extends readonly number[], Before = never> = number extends A[number]
  ? unknown
  : IsTuple<S> extends false
    ? unknown
    : A extends readonly [infer H extends number, ...infer T extends readonly number[]]
      ? [AxisOf<S, H>] extends [never]
        ? ShapeError<`${N}: axis ${H} does not exist in [${Show<S>}]`>
        : AxisOf<S, H> extends Before
          ? ShapeError<`${N}: axis ${H} of [${Show<S>}] is named twice`>
          : AxesCheck<N, S, T, Before | AxisOf<S, H>>
      : unknown

/** The dimension of an axis that exists. */
export type SizeAt<S extends Shape, P extends number> = S[P] & Dim

/** A shape with axes (numbers from 0) left out, or with `By` in their places. */
type Replace<S extends Shape, P extends number, By extends Shape, R extends Shape = [], I extends readonly 0[] = []> = S extends readonly [
  infer H extends Dim,
  ...infer T extends Shape,
]
  ? Replace<T, P, By, I["length"] extends P ? [...R, ...By] : [...R, H], [...I, 0]>
  : R

/** A shape with the literal axes `A` replaced by the dimensions `By`. */
export type ReplaceAxes<S extends Shape, A extends number, By extends Shape> =
  AreLiteral<S, A> extends true ? Replace<S, AxisOf<S, A>, By> : Unchecked // what the axes mean is not known

/** A shape without the literal axes `A`. */
export type Without<S extends Shape, A extends readonly number[]> = ReplaceAxes<S, A[number], []>

/** What a reduction leaves: without the axes, or with 1 in their places. */
export type Reduced<S extends Shape, A extends readonly number[], Keep extends boolean> = boolean extends Keep
  ? Unchecked // not known whether axes stay
  : ReplaceAxes<S, A[number], Keep extends true ? [1] : []>

/** `D` before the axis with the number P (from 0), or after all. */
export type Insert<S extends Shape, P extends number, D extends Dim, R extends Shape = []> = R["length"] extends P
  ? [...R, D, ...S]
  : S extends readonly [infer H extends Dim, ...infer T extends Shape]
    ? Insert<T, P, D, [...R, H]>
    : never

/** A shape with a new dimension at the literal position `A` of the result. */
export type InsertAxis<S extends Shape, A extends number, D extends Dim> =
  AreLiteral<S, A> extends true ? Insert<S, AxisOf<[D, ...S], A>, D> : Unchecked // where it stands is not known

/** A shape with one axis at another place. */
export type Moved<S extends Shape, From extends number, To extends number> =
  AreLiteral<S, From | To> extends true ? Insert<Replace<S, AxisOf<S, From>, []>, AxisOf<S, To>, SizeAt<S, AxisOf<S, From>>> : Unchecked // what moves is not known

/** The axes of a shape in a literal order. */
export type Permuted<S extends Shape, O extends readonly number[]> =
  AreLiteral<S, O[number]> extends true
    ? { -readonly [K in keyof O]: SizeAt<S, AxisOf<S, O[K]>> } extends infer M extends Shape
      ? M
      : Unchecked // never taken
    : Unchecked // the order is not known

/** An error where `O` does not name every axis once. */
export type OrderCheck<N extends string, S extends Shape, O extends readonly number[]> = number extends O[number]
  ? unknown
  : IsTuple<S> extends false
    ? unknown
    : [O["length"], keyof S & `${number}`] extends [S["length"], `${AxisOf<S, O[number]>}`]
      ? unknown
      : ShapeError<`${N}: [${Show<O>}] is no order of the axes of [${Show<S>}]`>

/** The last two axes swapped. */
export type SwapLast<S extends Shape> = S extends readonly [...infer R extends Shape, infer A extends Dim, infer B extends Dim]
  ? [...R, B, A]
  : Unchecked

/** An error where there are no two axes to swap. */
export type SwapCheck<N extends string, S extends Shape> =
  IsTuple<S> extends false
    ? unknown
    : S extends readonly [...Shape, Dim, Dim]
      ? unknown
      : ShapeError<`${N}: expected at least two axes, found [${Show<S>}]`>
