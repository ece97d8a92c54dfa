/** Sums and differences of literal sizes in the types, digit by digit: exact for sizes of any length, and cheap. */
import type { Dim, Unchecked } from "../core/index.js"

/** `Tally[d]` has `d` elements: digits are added by joining them. */
type Tally = [
  [],
  [0],
  [0, 0],
  [0, 0, 0],
  [0, 0, 0, 0],
  [0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 0, 0, 0, 0],
]
type Ten = [...Tally[9], 0]
type Digit = keyof Tally & `${number}`

type Reverse<S extends string, R extends string = ""> = S extends `${infer H}${infer T}` ? Reverse<T, `${H}${R}`> : R

/** Digits from the last; a number that has ended goes on with zeros. */
type Head<S extends string> = S extends `${infer H extends Digit}${string}` ? Tally[H] : []
type Tail<S extends string> = S extends `${string}${infer T}` ? T : ""

type AddDigits<A extends string, B extends string, Carry extends 0[], R extends string = ""> = `${A}${B}` extends ""
  ? Carry extends []
    ? R
    : `1${R}`
  : [...Head<A>, ...Head<B>, ...Carry] extends [...Ten, ...infer D extends 0[]]
    ? AddDigits<Tail<A>, Tail<B>, [0], `${D["length"]}${R}`>
    : AddDigits<Tail<A>, Tail<B>, [], `${[...Head<A>, ...Head<B>, ...Carry]["length"] & number}${R}`>

type SubtractDigits<A extends string, B extends string, Borrow extends 0[], R extends string = ""> = `${A}${B}` extends ""
  ? Borrow extends []
    ? R
    : never
  : Head<A> extends [...Head<B>, ...Borrow, ...infer D extends 0[]]
    ? SubtractDigits<Tail<A>, Tail<B>, [], `${D["length"]}${R}`>
    : [...Ten, ...Head<A>] extends [...Head<B>, ...Borrow, ...infer D extends 0[]]
      ? SubtractDigits<Tail<A>, Tail<B>, [0], `${D["length"]}${R}`>
      : never

type Trim<S extends string> = S extends `0${infer T}` ? (T extends "" ? S : Trim<T>) : S
type ToNumber<S extends string> = [S] extends [never] ? never : Trim<S> extends `${infer N extends number}` ? N : never

/** Whether a dimension is a literal whole number: not a name, not unchecked, not `number`. */
export type IsSize<D> = 0 extends 1 & D ? false : D extends number ? (number extends D ? false : true) : false

/** The sum of two sizes; unchecked where one of them is no literal. */
export type Plus<A extends Dim, B extends Dim> =
  IsSize<A> extends true
    ? IsSize<B> extends true
      ? ToNumber<AddDigits<Reverse<`${A}`>, Reverse<`${B}`>, []>>
      : Unchecked // a name, or not known
    : Unchecked // a name, or not known

/** A - B of literal sizes, `never` where it is negative. */
export type Minus<A extends number, B extends number> = ToNumber<SubtractDigits<Reverse<`${A}`>, Reverse<`${B}`>, []>>
