/** Further predicates, and numbers in the place of NaN and infinities. */
import type { Shape, Tensor } from "../core/index.js"
import { and, equal, lessEqual, not, or, where } from "./compare.js"
import type { Binary } from "./lift.js"
import { abs } from "./sign.js"

type Bool<S extends Shape> = Tensor<S, "bool">

/**
 * Whether a number is NaN.
 *
 * @example
 * evaluate(isNaN(tensor([0, NaN]))) // right([0, 1])
 */
// biome-ignore lint/suspicious/noShadowRestrictedNames: the name that NumPy and JAX give it; the global one is Number.isNaN here
export const isNaN = <S extends Shape>(x: Tensor<S>): Bool<S> => not(lessEqual(abs(x) as Tensor, Number.POSITIVE_INFINITY)) as Bool<S>
/**
 * Whether a number is an infinity of either sign.
 *
 * @example
 * evaluate(isInf(tensor([0, -Infinity]))) // right([0, 1])
 */
export const isInf = <S extends Shape>(x: Tensor<S>): Bool<S> => equal(abs(x) as Tensor, Number.POSITIVE_INFINITY) as Bool<S>

const different = (...args: readonly Tensor[]): unknown => {
  const [a, b] = args as readonly [Tensor, Tensor]
  return args.length === 1 ? (x: Tensor) => not(equal(x, a)) : not(equal(a, b))
}
/**
 * `a != b`. NaN differs from everything, itself included. Data-last, `notEqual(b)(a)`.
 *
 * @example
 * evaluate(notEqual(tensor([1, 2]), 1)) // right([0, 1])
 */
export const notEqual = different as Binary<"notEqual", "bool", "float" | "int" | "bool">
/**
 * One of both, not both, element by element; shapes are broadcast.
 *
 * @example
 * evaluate(xor(less(tensor([1, 3]), 2), less(tensor([1, 1]), 2))) // right([0, 1])
 */
export const xor = <S extends Shape>(a: Bool<S>, b: Bool<S>): Bool<S> => or(and(a, not(b)), and(not(a), b))

/** What stands for values that are not finite. */
export interface NanToNumOptions {
  /** For NaN; 0 by default. */
  readonly nan?: number
  /** For Infinity; by default the largest float32, which is finite on every target. */
  readonly posInf?: number
  /** For -Infinity; by default the least float32. */
  readonly negInf?: number
}

const LARGEST = 3.4028234663852886e38

/**
 * Finite numbers in the place of NaN and infinities; their derivative is 0.
 *
 * @example
 * evaluate(nanToNum(tensor([1, NaN, Infinity]), { posInf: 9 })) // right([1, 0, 9])
 */
export const nanToNum = <S extends Shape>(
  x: Tensor<S>,
  { nan = 0, posInf = LARGEST, negInf = -LARGEST }: NanToNumOptions = {},
): Tensor<S> => {
  const a = x as Tensor
  const low = where(equal(a, Number.NEGATIVE_INFINITY), negInf, where(isNaN(a), nan, a) as Tensor) as Tensor
  return where(equal(a, Number.POSITIVE_INFINITY), posInf, low) as Tensor as Tensor<S>
}
