/** Activation functions. Values and derivatives are finite for all finite inputs, in either precision. */
import { binary, lit, type Scalar, type Shape, select, type Tensor } from "../core/index.js"
import { add, div, mul, neg, sub } from "./arithmetic.js"
import { equal, less, lessEqual, where } from "./compare.js"
import { zerosLike } from "./constants.js"
import { tanh } from "./elementary.js"
import { erfc } from "./error-function.js"
import { expm1 } from "./exponential.js"
import { unaryFormula } from "./formula.js"
import { unaryOp } from "./lift.js"
import { sigmoid, softplus } from "./logistic.js"
import { abs } from "./sign.js"

/** `x gate(x)` with the limit 0 at -Infinity, where a gate is 0. */
const gated = <S extends Shape>(x: Tensor<S>, gate: (x: Tensor) => Tensor): Tensor<S> => {
  const a = x as Tensor
  return mul(where(equal(a, Number.NEGATIVE_INFINITY), 0, a) as Tensor, gate(a)) as Tensor as Tensor<S>
}

const reluScalar = (x: Scalar): Scalar => select(binary("lessEqual", x, lit(0)), lit(0), x)

/** Whether x is above 0 is seen from the value, so that x itself need not be kept for the derivative. */
const reluOp = unaryFormula("relu", { t: "awayFromZero" }, reluScalar, (_x, y, dx) => where(lessEqual(y, 0), zerosLike(dx), dx))

/**
 * `max(x, 0)`; derivative 0 at 0. NaN stays NaN.
 *
 * @example
 * evaluate(relu(tensor([-1, 2]))) // right([0, 2])
 */
export const relu = unaryOp("relu", reluOp)

/**
 * `min(max(x, 0), 6)`; derivative 0 at both kinks. NaN stays NaN.
 *
 * @example
 * evaluate(relu6(tensor([-1, 3, 9]))) // right([0, 3, 6])
 */
export const relu6 = <S extends Shape>(x: Tensor<S>): Tensor<S> =>
  where(lessEqual(6, x as Tensor), 6, relu(x as Tensor)) as Tensor as Tensor<S>
/**
 * `x` above 0, `slope x` else (so that is the derivative at 0). Default slope 0.01.
 *
 * @example
 * evaluate(leakyRelu(tensor([-100, 1]))) // right([-1, 1])
 */
export const leakyRelu = <S extends Shape>(x: Tensor<S>, slope = 0.01): Tensor<S> => where(less(0, x), x, mul(x, slope))

/** `scale (e^(x / width) - 1)` below 0; the exponential sees no large x, whose infinity would meet a zero cotangent. */
const exponentialBelow = <S extends Shape>(x: Tensor<S>, scale: number, width: number): Tensor<S> => {
  const positive = less(0, x)
  const below = where(positive, zerosLike(x), x)
  return where(positive, x, mul(expm1(width === 1 ? below : div(below, width)), scale))
}
/**
 * Exponential linear unit: `x` above 0, `alpha (e^x - 1)` else; derivative `alpha` at 0. Default alpha 1.
 * Clevert, Unterthiner and Hochreiter, ICLR 2016.
 *
 * @example
 * evaluate(elu(tensor([-1e4, 2]))) // right([-1, 2])
 */
export const elu = <S extends Shape>(x: Tensor<S>, alpha = 1): Tensor<S> => exponentialBelow(x, alpha, 1)
/**
 * Continuously differentiable `elu`: `alpha (e^(x / alpha) - 1)` below 0. Default alpha 1. Barron, arXiv:1704.07483.
 *
 * @example
 * evaluate(celu(tensor([-1e4, 2]), 2)) // right([-2, 2])
 */
export const celu = <S extends Shape>(x: Tensor<S>, alpha = 1): Tensor<S> => exponentialBelow(x, alpha, alpha)
/**
 * Scaled `elu` whose constants keep mean 0 and variance 1. Klambauer and others, NeurIPS 2017.
 *
 * @example
 * evaluate(selu(tensor([0, 1]))) // right([0, 1.0507009873554805])
 */
export const selu = <S extends Shape>(x: Tensor<S>): Tensor<S> => mul(elu(x, 1.6732632423543772), 1.0507009873554805)

/**
 * `x sigmoid(x)`, also called swish. 0 at -Infinity.
 *
 * @example
 * evaluate(silu(tensor([0, 1]))) // right([0, 0.7310585786300049])
 */
export const silu = <S extends Shape>(x: Tensor<S>): Tensor<S> => gated(x, sigmoid)

/** Which formula `gelu` uses. */
export interface GeluOptions {
  /** With `tanh` in the place of the error function (GPT-2's); false by default. */
  readonly approximate?: boolean
}

/**
 * `x P(X <= x)` for a standard normal X: `x erfc(-x / sqrt 2) / 2`, which keeps its digits for negative x. With `approximate` it is
 * `x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2`. 0 at -Infinity. Without `approximate` its error stays below 4 ulp above -1, and grows
 * as x^2 below, as `x / sqrt 2` is rounded before it is squared. Hendrycks and Gimpel, arXiv:1606.08415.
 *
 * @example
 * evaluate(gelu(tensor([0, 1]))) // right([0, 0.8413447460685429])
 */
export const gelu = <S extends Shape>(x: Tensor<S>, { approximate = false }: GeluOptions = {}): Tensor<S> =>
  gated(x, (a) => {
    if (!approximate) return mul(erfc(mul(a, -Math.SQRT1_2)), 0.5)
    // (1 + tanh u) / 2 = sigmoid(2 u)
    const cubic = add(a, mul(mul(a, mul(a, a)), 0.044715)) as Tensor
    return sigmoid(mul(cubic, 2 * Math.sqrt(2 / Math.PI)))
  })

/**
 * `x tanh(softplus(x))`. 0 at -Infinity. Misra, arXiv:1908.08681.
 *
 * @example
 * evaluate(mish(tensor([0, 1]))) // right([0, 0.8650983882673103])
 */
export const mish = <S extends Shape>(x: Tensor<S>): Tensor<S> => gated(x, (a) => tanh(softplus(a)))

/**
 * `x` between -1 and 1, where the derivative is 1; -1 or 1 and derivative 0 beyond. NaN stays NaN.
 *
 * @example
 * evaluate(hardTanh(tensor([-3, 0.5]))) // right([-1, 0.5])
 */
export const hardTanh = <S extends Shape>(x: Tensor<S>): Tensor<S> => {
  const a = x as Tensor
  return where(less(1, a), 1, where(less(a, -1), -1, a) as Tensor) as Tensor as Tensor<S>
}
/**
 * `relu6(x + 3) / 6`: 0 below -3, 1 above 3, linear between.
 *
 * @example
 * evaluate(hardSigmoid(tensor([-3, 0, 3]))) // right([0, 0.5, 1])
 */
export const hardSigmoid = <S extends Shape>(x: Tensor<S>): Tensor<S> => div(relu6(add(x, 3)), 6)

/**
 * `x / (1 + |x|)`. 1 at Infinity. Beyond 1 as `1 - 1 / (1 + |x|)`, whose derivative loses nothing for large x.
 *
 * @example
 * evaluate(softsign(tensor([-1, 3]))) // right([-0.5, 0.75])
 */
export const softsign = <S extends Shape>(x: Tensor<S>): Tensor<S> => {
  const a = x as Tensor
  const one = add(abs(a), 1) as Tensor
  const far = sub(1, div(1, one) as Tensor) as Tensor
  const isFar = less(1, abs(a))
  const inner = where(isFar, 0, a) as Tensor
  const near = div(inner, add(abs(inner), 1) as Tensor) as Tensor
  return where(isFar, where(less(a, 0), neg(far), far), near) as Tensor as Tensor<S>
}
