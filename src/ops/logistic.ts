/** The logistic function and its kin: sums of exponentials in the domain of logarithms. */
import { lit, type Op, type Scalar, type Shape, select, type Tensor, type Unchecked } from "../core/index.js"
import { mul, neg, sub } from "./arithmetic.js"
import { and, equal, finite, lessEqual, not, or, where } from "./compare.js"
import { log } from "./elementary.js"
import { log1p, log1pScalar } from "./exponential.js"
import * as f from "./formula.js"
import { type Binary, binaryOp, lift, unaryOp } from "./lift.js"

/** e^-|x| overflows nowhere; small probabilities keep all their digits. */
const sigmoidScalar = (x: Scalar): Scalar => {
  const e = f.power(f.negative(f.magnitude(x)))
  return f.over(select(f.less(x, lit(0)), e, lit(1)), f.plus(lit(1), e))
}
/** log(1 + e^-|x|): what the maximum of 0 and x lacks. */
const bend = (x: Scalar): Scalar => log1pScalar(f.power(f.negative(f.magnitude(x))))
const softplusScalar = (x: Scalar): Scalar => f.plus(f.larger(x, lit(0)), bend(x))
/** Equal infinities have no difference. */
const logaddexpScalar = (a: Scalar, b: Scalar): Scalar =>
  select(f.same(a, b), f.plus(a, lit(Math.LN2)), f.plus(f.larger(a, b), bend(f.minus(a, b))))

/** s' = s(x) s(-x): 1 - s(x) would have no digits for large x. */
const sigmoidOp: Op<null, 1, 1> = f.unaryFormula("sigmoid", { t: "real" }, sigmoidScalar, (x, y, dx) => mul(dx, mul(y, sigmoid(neg(x)))))
const softplusOp: Op<null, 1, 1> = f.unaryFormula("softplus", { t: "real" }, softplusScalar, (x, _y, dx) => mul(dx, sigmoid(x)))

/** a - b, 0 of equal infinities. */
const difference = (a: Tensor, b: Tensor): Tensor => {
  const tie = and(equal(a, b), not(finite(a))) as Tensor<Unchecked, "bool">
  return sub(where(tie, 0, a) as Tensor, where(tie, 0, b) as Tensor) as Tensor
}
const logaddexpOp: Op<null, 2, 1> = f.binaryFormula("logaddexp", [{ t: "real" }, { t: "real" }], logaddexpScalar, [
  (a, b) => sigmoid(difference(a, b)),
  (a, b) => sigmoid(difference(b, a)),
])

/**
 * Logistic function `1 / (1 + e^-x)`. Error below 3 ulp for all x, small probabilities included; the derivative
 * `sigmoid(x) sigmoid(-x)` keeps its digits on both sides. 0 at -Infinity, 1 at Infinity.
 *
 * @example
 * evaluate(sigmoid(tensor([0, -30]))) // right([0.5, 9.357622968839299e-14])
 */
export const sigmoid = unaryOp("sigmoid", sigmoidOp)
/**
 * `log(1 + e^x)`: a smooth maximum of 0 and x. No overflow and no loss on either side, error below 3 ulp; its derivative is `sigmoid(x)`.
 *
 * @example
 * evaluate(softplus(tensor([0, 1e4]))) // right([0.6931471805599453, 10000])
 */
export const softplus = unaryOp("softplus", softplusOp)
/**
 * `log(sigmoid(x)) = -softplus(-x)`, also where the probability underflows.
 *
 * @example
 * evaluate(logSigmoid(tensor([-1e4]))) // right([-10000])
 */
export const logSigmoid = <S extends Shape>(x: Tensor<S>): Tensor<S> => neg(softplus(neg(x)))
/**
 * `log(e^a + e^b)`, by the larger of both: no overflow. -Infinity where both are; the derivatives are the shares of the two terms, half each
 * of equal ones, infinities included. Data-last, `logaddexp(b)(a)`.
 *
 * @example
 * evaluate(logaddexp(tensor([1000]), tensor([1000]))) // right([1000.6931471805599])
 */
export const logaddexp = binaryOp("logaddexp", logaddexpOp)
/**
 * `log(p / (1 - p))`, the inverse of `sigmoid`, as `log p - log1p(-p)`: its absolute error is some ulp of the larger term. Infinite at 0
 * and 1, NaN beyond.
 *
 * @example
 * evaluate(logit(tensor([0.5]))) // right([0])
 */
export const logit = <S extends Shape>(p: Tensor<S>): Tensor<S> => sub(log(p) as Tensor, log1p(neg(p)) as Tensor) as Tensor as Tensor<S>

const xlogyOf = (a: unknown, b: unknown): Tensor => {
  const [x, y] = [lift("xlogy", a, b), lift("xlogy", b, a)] as [Tensor, Tensor]
  const unusable = or(lessEqual(y, 0), equal(y, Number.POSITIVE_INFINITY))
  // 0 where the logarithm is infinite or NaN: choose its operand, so that the derivative is finite too
  return mul(x, log(where(and(equal(x, 0), unusable), 1, y) as Tensor)) as Tensor
}
/**
 * `x log y`, 0 where x is 0 (even where `log y` is infinite or NaN, but not for NaN y): the term of an entropy. There both derivatives
 * are 0 where `log y` is not finite (a choice). Data-last, `xlogy(y)(x)`.
 *
 * @example
 * evaluate(xlogy(tensor([0, 2]), tensor([0, 1]))) // right([0, 0])
 */
export const xlogy: Binary<"xlogy"> = ((...args: readonly unknown[]) =>
  args.length === 1 ? (a: unknown) => xlogyOf(a, args[0]) : xlogyOf(args[0], args[1])) as Binary<"xlogy">
