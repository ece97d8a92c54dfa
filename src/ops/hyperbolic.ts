/** Hyperbolic functions and their inverses. */
import { lit, type Op, type Scalar, select, type Tensor } from "../core/index.js"
import { add, div, mul, sub } from "./arithmetic.js"
import { less, where } from "./compare.js"
import { sqrt } from "./elementary.js"
import { expm1Scalar, log1pScalar } from "./exponential.js"
import * as f from "./formula.js"
import { unaryOp } from "./lift.js"
import { abs } from "./sign.js"

/** e^|x| / 2 in two factors, of which none overflows before the result does; where e^-|x| doesn't count any more. */
const FAR = 22
const halfPower = (a: Scalar): Scalar => {
  const h = f.power(f.times(a, lit(0.5)))
  return f.times(f.times(lit(0.5), h), h)
}

/** With E = e^|x| - 1: sinh |x| = (E + E / (E + 1)) / 2. */
const sinhScalar = (x: Scalar): Scalar => {
  const a = f.magnitude(x)
  const e = expm1Scalar(f.smaller(a, lit(FAR)))
  return f.odd(x, f.piecewise(a, [[FAR, f.times(lit(0.5), f.plus(e, f.over(e, f.plus(e, lit(1)))))]], halfPower(a)))
}

const coshScalar = (x: Scalar): Scalar => {
  const a = f.magnitude(x)
  const e = f.power(f.smaller(a, lit(FAR)))
  return f.piecewise(a, [[FAR, f.times(lit(0.5), f.plus(e, f.over(lit(1), e)))]], halfPower(a))
}

/** Beyond this 1 is nothing beside x^2. */
const LARGE = 2 ** 28

/** asinh a = log1p(a + a^2 / (1 + sqrt(1 + a^2))) */
const asinhScalar = (x: Scalar): Scalar => {
  const a = f.magnitude(x)
  const c = f.smaller(a, lit(LARGE))
  const square = f.times(c, c)
  const near = log1pScalar(f.plus(c, f.over(square, f.plus(lit(1), f.root(f.plus(lit(1), square))))))
  return f.odd(x, f.piecewise(a, [[LARGE, near]], f.plus(f.logarithm(a), lit(Math.LN2))))
}

/** With t = x - 1: acosh x = log1p(t + sqrt(t (t + 2))) */
const acoshScalar = (x: Scalar): Scalar => {
  const t = f.minus(f.smaller(x, lit(LARGE)), lit(1))
  const near = log1pScalar(f.plus(t, f.root(f.times(t, f.plus(t, lit(2))))))
  return select(f.less(lit(LARGE), x), f.plus(f.logarithm(x), lit(Math.LN2)), near)
}

/** atanh a = log1p(2 a / (1 - a)) / 2 */
const atanhScalar = (x: Scalar): Scalar => {
  const a = f.magnitude(x)
  return f.odd(x, f.times(lit(0.5), log1pScalar(f.over(f.plus(a, a), f.minus(lit(1), a)))))
}

/** sqrt(1 + x^2) without overflow: choose the operand first, as the side not chosen must stay finite. */
const hypotenuse = (x: Tensor): Tensor => {
  const a = abs(x)
  const small = less(a, LARGE)
  const c = where(small, a, 0)
  return where(small, sqrt(add(mul(c, c), 1)), a)
}

const sinhOp: Op<null, 1, 1> = f.unaryFormula("sinh", { t: "real" }, sinhScalar, (x, _y, dx) => mul(dx, cosh(x)))
const coshOp: Op<null, 1, 1> = f.unaryFormula("cosh", { t: "real" }, coshScalar, (x, _y, dx) => mul(dx, sinh(x)))
const asinhOp: Op<null, 1, 1> = f.unaryFormula("asinh", { t: "real" }, asinhScalar, (x, _y, dx) => div(dx, hypotenuse(x)))
const acoshOp: Op<null, 1, 1> = f.unaryFormula("acosh", { t: "between", lo: 1.5, hi: 5 }, acoshScalar, (x, _y, dx) =>
  div(div(dx, sqrt(sub(x, 1))), sqrt(add(x, 1))),
)
const atanhOp: Op<null, 1, 1> = f.unaryFormula("atanh", { t: "between", lo: -0.75, hi: 0.75 }, atanhScalar, (x, _y, dx) =>
  div(dx, mul(sub(1, x), add(1, x))),
)

/**
 * Hyperbolic sine. Error below 4 ulp in either precision; it overflows where the result does.
 *
 * @example
 * evaluate(sinh(tensor([0, 1]))) // right([0, 1.1752011936438014])
 */
export const sinh = unaryOp("sinh", sinhOp)
/**
 * Hyperbolic cosine. Error below 4 ulp in either precision; it overflows where the result does.
 *
 * @example
 * evaluate(cosh(tensor([0, 1]))) // right([1, 1.543080634815244])
 */
export const cosh = unaryOp("cosh", coshOp)
/**
 * Inverse of `sinh`, for all numbers. Error below 4 ulp in either precision.
 *
 * @example
 * evaluate(asinh(sinh(tensor([1])))) // right([1])
 */
export const asinh = unaryOp("asinh", asinhOp)
/**
 * Inverse of `cosh`, at least 0. NaN below 1; the derivative at 1 is infinite. Error below 4 ulp in either precision.
 *
 * @example
 * evaluate(acosh(tensor([1]))) // right([0])
 */
export const acosh = unaryOp("acosh", acoshOp)
/**
 * Inverse of `tanh`. Infinite at -1 and 1, NaN beyond. Error below 4 ulp in either precision.
 *
 * @example
 * evaluate(atanh(tensor([0, 1]))) // right([0, Infinity])
 */
export const atanh = unaryOp("atanh", atanhOp)
