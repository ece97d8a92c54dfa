/** Powers: squares, reciprocals, roots, and x^y. */
import { lit, type Op, type Scalar, type Shape, select, type Tensor } from "../core/index.js"
import { div, mul, sub } from "./arithmetic.js"
import { and, equal, finite, less, not, where } from "./compare.js"
import { onesLike } from "./constants.js"
import { log, sqrt } from "./elementary.js"
import * as f from "./formula.js"
import { applyBinary, type Binary } from "./lift.js"

/** e^(y log |x|), negative for odd y of negative x; the exact cases of IEEE 754 (powr has none of them for negative x). */
const powScalar = (x: Scalar, y: Scalar): Scalar => {
  const a = f.magnitude(x)
  const half = f.times(y, lit(0.5))
  const isWhole = f.same(y, f.whole(y))
  const isOdd = select(isWhole, select(f.same(half, f.whole(half)), lit(0), lit(1)), lit(0))
  const size = select(f.same(a, lit(1)), lit(1), f.power(f.times(y, f.logarithm(a))))
  const ofNegative = select(isWhole, select(isOdd, f.negative(size), size), lit(Number.NaN))
  const signed = select(f.less(x, lit(0)), ofNegative, size)
  return select(f.same(y, lit(0)), lit(1), select(f.same(x, lit(1)), lit(1), signed))
}

/**
 * d/dx x^y = y x^(y-1), 0 for y = 0; d/dy x^y = x^y log x, 0 where the power is 0. Conditions choose operands, not results, and only
 * where the formula has none: for y = 0 and x > 0 it stays as it is, since d/dy of y x^(y-1) is 1 / x there.
 */
const powOp: Op<null, 2, 1> = f.binaryFormula("pow", [{ t: "positive" }, { t: "real" }], powScalar, [
  (x, y) => {
    const usable = and(less(0, x), finite(x))
    const base = where(and(equal(y, 0), not(usable)), 1, x) as Tensor
    return mul(y, power(base, sub(y, 1) as Tensor))
  },
  (x, _y, value) => {
    const zero = equal(value, 0)
    return mul(value, log(where(zero, 1, x) as Tensor))
  },
])

const power = (x: unknown, y: unknown): Tensor => applyBinary("pow", powOp, x, y) as Tensor

/** x^n for a whole n >= 1, by squaring: at most 2 log2 n products. */
const bySquaring = (x: Tensor, n: number): Tensor => {
  if (n === 1) return x
  const root = bySquaring(x, Math.floor(n / 2))
  const even = mul(root, root) as Tensor
  return n % 2 === 0 ? even : (mul(even, x) as Tensor)
}

/** Beyond this the exponential is as exact as so many products. */
const LONGEST = 1024

const powerOf = (x: unknown, y: unknown): Tensor => {
  if (typeof y !== "number" || typeof x === "number" || !Number.isInteger(y) || Math.abs(y) > LONGEST) return power(x, y)
  const a = x as Tensor
  if (y === 0) return onesLike(a)
  return y < 0 ? (div(1, bySquaring(a, -y)) as Tensor) : bySquaring(a, y)
}

/**
 * `x^y`, element by element. An exponent that is a whole number up to 1024, given as a number, is done by repeated squaring: then powers
 * of whole numbers are exact while they fit, and a base of any sign has all derivatives. Any other is `e^(y log x)`, whose error grows with the exponent: it
 * is below `4 + |y log x|` ulp.
 *
 * As in IEEE 754: `x^0 = 1` for every x, 0 and NaN included; `1^y = 1`; a negative base has a real power for whole y only, else NaN;
 * `0^y` is 0 above 0 and infinite below. Zeros count as +0. The derivative by y is 0 where the power is 0, and NaN for negative x.
 * Data-last, `pow(y)(x)`.
 *
 * @example
 * evaluate(pow(tensor([-2, 3]), 3)) // right([-8, 27])
 */
export const pow: Binary<"pow"> = ((...args: readonly unknown[]) =>
  args.length === 1 ? (x: unknown) => powerOf(x, args[0]) : powerOf(args[0], args[1])) as Binary<"pow">

/**
 * `x^2`
 *
 * @example
 * evaluate(square(tensor([2, -3]))) // right([4, 9])
 */
export const square = <S extends Shape>(x: Tensor<S>): Tensor<S> => mul(x, x)
/**
 * `1 / x`; infinite at 0.
 *
 * @example
 * evaluate(reciprocal(tensor([4]))) // right([0.25])
 */
export const reciprocal = <S extends Shape>(x: Tensor<S>): Tensor<S> => div(1, x)
/**
 * `1 / sqrt(x)`; infinite at 0, NaN below.
 *
 * @example
 * evaluate(rsqrt(tensor([4]))) // right([0.5])
 */
export const rsqrt = <S extends Shape>(x: Tensor<S>): Tensor<S> => div(1, sqrt(x))
