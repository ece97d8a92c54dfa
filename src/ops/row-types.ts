/** What mapping and scanning over rows do to types: every tensor of a tree gets the axis of the rows, or loses it. */
import type { AnyTensor, Dim, IsAny, IsTuple, IsUnion, Shape, ShapeError, Tensor, Unchecked } from "../core/index.js"
import type { InsertAxis } from "./axis-types.js"

/** A shape with `N` rows along the axis `A` of the result. */
type RowShape<S extends Shape, N extends Dim, A extends number> =
  IsAny<S> extends true
    ? Unchecked
    : Shape extends S
      ? Unchecked // of a polymorphic function
      : number extends A
        ? Unchecked // an axis that is not known
        : [A, IsTuple<S>] extends [0, false]
          ? [N, ...S]
          : InsertAxis<S, A, N>

/** A tree whose tensors have `N` rows along the axis `A`. */
export type RowsOf<P, N extends Dim, A extends number> =
  IsAny<P> extends true
    ? Unchecked
    : unknown extends P
      ? Unchecked // nothing is known of the function
      : P extends AnyTensor
        ? P extends Tensor<infer S, infer E>
          ? Tensor<RowShape<S, N, A>, E>
          : never
        : P extends object
          ? { readonly [K in keyof P]: RowsOf<P[K], N, A> }
          : P

/** The axis of an argument: 0 where none is given, null where the argument is shared. */
type AxisFor<In extends readonly (number | null)[], K> = In extends readonly [] ? 0 : K extends keyof In ? In[K] : null

/** What a mapped function takes: rows of each argument, but for those that all rows share. */
export type RowArguments<A extends readonly unknown[], N extends Dim, In extends readonly (number | null)[]> = number extends In["length"]
  ? { readonly [K in keyof A]: Unchecked } // axes that are not known
  : { readonly [K in keyof A]: AxisFor<In, K> extends number ? RowsOf<A[K], N, AxisFor<In, K>> & OneSize<N> : A[K] }

type OneSize<N extends Dim> = IsUnion<N> extends true ? ShapeError<"vmap: the arguments have different numbers of rows"> : unknown

/** A tree of rows, one of them: every tensor without its first axis. */
export type RowOf<P> =
  IsAny<P> extends true
    ? Unchecked
    : P extends AnyTensor
      ? P extends Tensor<infer S, infer E>
        ? Tensor<S extends readonly [Dim, ...infer R extends Shape] ? R : Unchecked, E>
        : never
      : P extends object
        ? { readonly [K in keyof P]: RowOf<P[K]> }
        : P

type LeadingSizes<P> =
  IsAny<P> extends true
    ? Unchecked
    : P extends AnyTensor
      ? P extends Tensor<infer S, infer _E>
        ? S extends readonly [infer N extends Dim, ...Shape]
          ? N
          : Unchecked // of unknown rank
        : never
      : P extends object
        ? { [K in keyof P]: LeadingSizes<P[K]> }[P extends readonly unknown[] ? keyof P & number : keyof P]
        : never

/** How many rows a tree has: as a given length says, or its tensors; unchecked where that is not known. */
export type RowCount<P, Length extends number> = number extends Length
  ? [LeadingSizes<P>] extends [never]
    ? Unchecked // no tensors
    : IsUnion<LeadingSizes<P>> extends true
      ? Unchecked // names and sizes that the trace compares
      : LeadingSizes<P>
  : Length
