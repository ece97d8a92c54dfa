/** Parts of an axis in the types: sizes and positions where they are literal. */
import type { IsAny, IsTuple, Shape, ShapeError, Unchecked } from "../core/index.js"
import type { AreLiteral, AxisOf, ReplaceAxes, SizeAt } from "./axis-types.js"
import type { IsSize, Minus } from "./size-types.js"

/** A position counted from the start: negative ones are known where the size is. */
type FromStart<D, P extends number> = `${P}` extends `-${infer N extends number}`
  ? IsSize<D> extends true
    ? Minus<D & number, N>
    : Unchecked // counted from an end that is not known
  : P

/** Elements from `From` to `To - 1`, 0 where there are none. */
type Length<From, To> =
  IsSize<From> extends true
    ? IsSize<To> extends true
      ? [Minus<To & number, From & number>] extends [never]
        ? 0
        : Minus<To & number, From & number>
      : Unchecked // the end is not known
    : Unchecked // the start is not known

/** The shape of a part of one axis. */
export type Sliced<S extends Shape, A extends number, From extends number, To extends number> =
  IsAny<S> extends true
    ? Unchecked
    : AreLiteral<S, A> extends true
      ? ReplaceAxes<S, A, [Length<FromStart<SizeAt<S, AxisOf<S, A>>, From>, FromStart<SizeAt<S, AxisOf<S, A>>, To>>]>
      : Unchecked // which axis it is, or of how many, is not known

/** Whether P, counted from either end, is above D. */
type Exceeds<D, P extends number> =
  IsSize<D> extends false
    ? false
    : number extends P
      ? false
      : `${P}` extends `-${infer N extends number}`
        ? Exceeds<D, N>
        : [Minus<D & number, P>] extends [never]
          ? true
          : false

/** An error where a part would end after its axis. */
export type EndCheck<N extends string, S extends Shape, A extends number, P extends number> = number extends P | A
  ? unknown
  : IsTuple<S> extends false
    ? unknown
    : Exceeds<SizeAt<S, AxisOf<S, A>>, P> extends true
      ? ShapeError<`${N}: position ${P} lies outside axis ${A} of size ${SizeAt<S, AxisOf<S, A>>}`>
      : unknown

/** An error where an axis has no element at a position; the first after the end is none. */
export type PositionCheck<N extends string, S extends Shape, A extends number, P extends number> = number extends P | A
  ? unknown
  : IsTuple<S> extends false
    ? unknown
    : SizeAt<S, AxisOf<S, A>> extends P
      ? IsAny<SizeAt<S, AxisOf<S, A>>> extends true
        ? unknown
        : ShapeError<`${N}: position ${P} lies outside axis ${A} of size ${SizeAt<S, AxisOf<S, A>>}`>
      : EndCheck<N, S, A, P>
