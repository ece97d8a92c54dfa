/**
 * Einstein's notation, parsed in the types. What is not literal (a notation made at run time, a list of operands, an operand of
 * unknown rank) is unchecked.
 */
import type { AnyTensor, Dim, IsAny, IsTuple, IsUnion, Shape, ShapeError, Show, Tensor, Unchecked, Unify } from "../core/index.js"

// a key of a literal type has to be there, one of a pattern (or of `string`) has not
// biome-ignore lint/complexity/noBannedTypes: {} is the object without keys
type IsLiteral<N extends string> = {} extends Record<N, 1> ? false : IsUnion<N> extends false ? true : false

type Letters<T extends string, R extends readonly string[] = []> = T extends `${infer H}${infer Rest}`
  ? Letters<Rest, H extends " " ? R : [...R, H]>
  : R
type Operands<T extends string, R extends readonly (readonly string[])[] = []> = T extends `${infer H},${infer Rest}`
  ? Operands<Rest, [...R, Letters<H>]>
  : [...R, Letters<T>]

type Join<L extends readonly string[]> = L extends readonly [infer H extends string, ...infer T extends readonly string[]]
  ? `${H}${Join<T>}`
  : ""

/** Size of each label, and the number of the operand that gave it. */
interface Sizes {
  readonly [label: string]: readonly [Dim, number]
}

/** Sizes with the labels of one more operand, or a message. */
type Bind<L extends readonly string[], S extends Shape, Known extends Sizes, I extends number> = L extends readonly [
  infer H extends string,
  ...infer Rest extends readonly string[],
]
  ? S extends readonly [infer D extends Dim, ...infer T extends Shape]
    ? H extends keyof Known
      ? [Unify<Known[H][0], D>] extends [never]
        ? `einsum: label ${H} is ${Known[H][0]} in operand ${Known[H][1]} and ${D} in operand ${I}`
        : Bind<Rest, T, IsAny<Known[H][0]> extends true ? Omit<Known, H> & Record<H, [D, I]> : Known, I>
      : Bind<Rest, T, Known & Record<H, [D, I]>, I>
    : never
  : Known

/** Labels of an operand of which no sizes are known. */
type BindUnknown<L extends readonly string[], Known extends Sizes, I extends number> = Known &
  Record<Exclude<L[number], keyof Known>, [Unchecked, I]>

type BindOperand<L extends readonly string[], X, Known extends Sizes, I extends number> =
  X extends Tensor<infer S>
    ? IsTuple<S> extends true
      ? L["length"] extends S["length"]
        ? Bind<L, S, Known, I>
        : `einsum: operand ${I} is [${Show<S>}] and has ${L["length"]} label${L["length"] extends 1 ? "" : "s"} (${Join<L>})`
      : BindUnknown<L, Known, I>
    : BindUnknown<L, Known, I>

/** Walks the operands: sizes of all labels, and for each operand an error or `unknown`. */
type Walk<
  L extends readonly (readonly string[])[],
  T extends readonly unknown[],
  Known extends Sizes,
  Errors extends readonly unknown[],
> = L extends readonly [infer H extends readonly string[], ...infer Rest extends readonly (readonly string[])[]]
  ? T extends readonly [infer X, ...infer More extends readonly unknown[]]
    ? BindOperand<H, X, Known, Errors["length"] & number> extends infer R extends Sizes | string
      ? R extends string
        ? Walk<Rest, More, BindUnknown<H, Known, Errors["length"] & number>, [...Errors, ShapeError<R>]>
        : R extends Sizes
          ? Walk<Rest, More, R, [...Errors, unknown]>
          : never
      : never
    : { sizes: Known; errors: Errors }
  : { sizes: Known; errors: Errors }

// biome-ignore lint/complexity/noBannedTypes: no label is known yet
type Walked<I extends string, T extends readonly unknown[]> = Walk<Operands<I>, T, {}, []>

type Repeated<L extends readonly string[], Before = never> = L extends readonly [
  infer H extends string,
  ...infer T extends readonly string[],
]
  ? H extends Before
    ? H
    : Repeated<T, Before | H>
  : never

type Result<L extends readonly string[], Known extends Sizes> = {
  -readonly [K in keyof L]: Known[L[K] & string][0]
} extends infer S extends Shape
  ? S
  : Unchecked // never taken

/** The shape of the contraction, unchecked where something is not literal. */
export type EinsumOf<N extends string, T extends readonly AnyTensor[]> =
  IsLiteral<N> extends false
    ? Unchecked // a notation made at run time
    : number extends T["length"]
      ? Unchecked // operands whose number is not known
      : N extends `${infer I}->${infer O}`
        ? Result<Letters<O>, Walked<I, T>["sizes"]>
        : Unchecked // refused already

/** What is wrong with operand `K`, or `unknown`. */
export type EinsumOperandCheck<N extends string, T extends readonly AnyTensor[], K> =
  IsLiteral<N> extends false
    ? unknown
    : number extends T["length"]
      ? unknown
      : N extends `${infer I}->${string}`
        ? K extends keyof Walked<I, T>["errors"]
          ? Walked<I, T>["errors"][K]
          : unknown
        : unknown

/** What is wrong with the notation itself, or `unknown`. */
export type EinsumCheck<N extends string, T extends readonly AnyTensor[]> =
  IsLiteral<N> extends false
    ? unknown
    : number extends T["length"]
      ? unknown
      : N extends `${infer I}->${infer O}`
        ? NotationCheck<N, Operands<I>, Letters<O>, T["length"]>
        : ShapeError<`einsum: ${N} names no result, as ij,jk->ik does`>

type NotationCheck<
  N extends string,
  L extends readonly (readonly string[])[],
  O extends readonly string[],
  Count extends number,
> = L["length"] extends Count
  ? [Exclude<O[number], L[number][number]>] extends [never]
    ? [Repeated<O>] extends [never]
      ? unknown
      : ShapeError<`einsum: label ${Repeated<O>} is twice in the result of ${N}`>
    : ShapeError<`einsum: label ${Exclude<O[number], L[number][number]>} of the result is in no operand of ${N}`>
  : ShapeError<`einsum: ${N} names ${L["length"]} operand${L["length"] extends 1 ? "" : "s"}, found ${Count}`>
