/** The normal distribution function and its inverse, in the language: accurate in float64 to a few units, differentiable as they stand. */
import type { Tensor } from "../../core/index.js"
import { add, div, mul, neg, sub } from "../arithmetic.js"
import { less, lessEqual, where } from "../compare.js"
import { exp, log, sqrt } from "../elementary.js"
import { square } from "../power.js"
import { abs } from "../sign.js"

/**
 * Chebyshev coefficients in 2 t - 1 of log(erfc(x) exp(x^2) / t), t = 2 / (2 + x), for x >= 0 (Press et al., Numerical Recipes,
 * third edition, section 6.2.2); the first is halved.
 */
const tailSeries: readonly number[] = [
  -0.6513268598908547, 6.4196979235649026e-1, 1.9476473204185836e-2, -9.561514786808631e-3, -9.46595344482036e-4, 3.66839497852761e-4,
  4.2523324806907e-5, -2.0278578112534e-5, -1.624290004647e-6, 1.30365583558e-6, 1.5626441722e-8, -8.5238095915e-8, 6.529054439e-9,
  5.059343495e-9, -9.91364156e-10, -2.27365122e-10, 9.6467911e-11, 2.394038e-12, -6.886027e-12, 8.94487e-13, 3.13092e-13, -1.12708e-13,
  3.81e-16, 7.106e-15,
]

/** A Chebyshev series by Clenshaw's recurrence. */
const chebyshev = (coefficients: readonly number[], x: Tensor): Tensor => {
  const twice = mul(x, 2) as Tensor
  let [b1, b2] = [mul(x, 0) as Tensor, mul(x, 0) as Tensor]
  for (const c of coefficients.slice(1).reverse()) [b1, b2] = [add(sub(mul(twice, b1) as Tensor, b2) as Tensor, c) as Tensor, b1]
  return add(sub(mul(x, b1) as Tensor, b2) as Tensor, coefficients[0] as number) as Tensor
}

// a tail of 1e-350; beyond, an infinite bound would meet a zero in the derivative
const FARTHEST = 40

/** The logarithm of the probability below `-|x|`, under the standard normal distribution: a tail that no target underflows. */
const logTail = (x: Tensor): Tensor => {
  const away = abs(x) as Tensor
  const far = mul(where(less(away, FARTHEST), away, FARTHEST) as Tensor, Math.SQRT1_2) as Tensor
  const t = div(2, add(far, 2) as Tensor) as Tensor
  return sub(add(log(mul(t, 0.5) as Tensor), chebyshev(tailSeries, sub(mul(t, 2), 1) as Tensor)) as Tensor, square(far)) as Tensor
}

/** The probability below `x`, and its logarithm, which keeps its relative accuracy in the left tail to 40 standard deviations. */
export const normalCdf = (x: Tensor): { readonly p: Tensor; readonly log: Tensor } => {
  const tail = logTail(x)
  const other = exp(tail)
  const right = sub(1, other) as Tensor
  const left = less(x, 0)
  return { p: where(left, other, right) as Tensor, log: where(left, tail, log(right)) as Tensor }
}

/** Numerator and denominator, lowest power first. */
type Rational = readonly [readonly number[], readonly number[]]

/** Wichura, Algorithm AS 241 (Applied Statistics 37, 1988), PPND16: relative error about 1e-16. */
const middle: Rational = [
  [
    3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125, 45921.953931549871457, 67265.770927008700853,
    33430.575583588128105, 2509.0809287301226727,
  ],
  [
    1, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077, 21213.794301586595867, 39307.89580009271061,
    28729.085735721942674, 5226.495278852854561,
  ],
]
const near: Rational = [
  [
    1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504, 1.27045825245236838258,
    2.4178072517745061177e-1, 2.27238449892691845833e-2, 7.7454501427834140764e-4,
  ],
  [
    1, 2.05319162663775882187, 1.6763848301838038494, 6.8976733498510000455e-1, 1.4810397642748007459e-1, 1.51986665636164571966e-2,
    5.475938084995344946e-4, 1.05075007164441684324e-9,
  ],
]
const far: Rational = [
  [
    6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 2.9656057182850489123e-1, 2.6532189526576123093e-2,
    1.2426609473880784386e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
  ],
  [
    1, 5.9983220655588793769e-1, 1.3692988092273580531e-1, 1.48753612908506148525e-2, 7.868691311456132591e-4, 1.8463183175100546818e-5,
    1.4215117583164458887e-7, 2.04426310338993978564e-15,
  ],
]

const polynomial = (coefficients: readonly number[], x: Tensor): Tensor =>
  coefficients
    .slice(0, -1)
    .reduceRight<Tensor>((y, c) => add(mul(y, x) as Tensor, c) as Tensor, add(mul(x, 0), coefficients.at(-1) as number) as Tensor)
const rational = ([above, below]: Rational, x: Tensor): Tensor => div(polynomial(above, x), polynomial(below, x)) as Tensor

/** The number below which a standard normal one lies with probability `p`, 0 < p < 1, of which the logarithm is known too. */
export const normalQuantile = (p: Tensor, logP: Tensor): Tensor => {
  const q = sub(p, 0.5) as Tensor
  const left = less(q, 0)
  const central = lessEqual(abs(q) as Tensor, 0.425)
  const inner = mul(q, rational(middle, sub(0.180625, square(q)) as Tensor)) as Tensor
  // operands are chosen first: the root's derivative is infinite at 0
  const tail = where(left, logP, log(where(left, 0.5, sub(1, p) as Tensor) as Tensor)) as Tensor
  const r = sqrt(neg(where(central, -3, tail) as Tensor))
  const away = where(lessEqual(r, 5), rational(near, sub(r, 1.6) as Tensor), rational(far, sub(r, 5) as Tensor)) as Tensor
  return where(central, inner, where(left, neg(away), away) as Tensor) as Tensor
}
