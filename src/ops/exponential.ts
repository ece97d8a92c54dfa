/** Exponentials and logarithms of other bases, and near 1 without cancellation. */
import { lit, type Op, type Scalar, type Shape, select, type Tensor } from "../core/index.js"
import { add, div, mul } from "./arithmetic.js"
import { exp, log } from "./elementary.js"
import * as f from "./formula.js"
import { unaryOp } from "./lift.js"

/**
 * Below ln 2 by e^x - 1 = q (q + 2) with q = e^(x/2) - 1, which a rational function gives for |x| < 0.35 (fdlibm, s_expm1); no digits
 * cancel beyond. What is too small to be squared is its own result.
 */
export const expm1Scalar = (x: Scalar): Scalar => {
  const r = f.times(x, lit(0.5))
  const half = f.times(r, lit(0.5))
  const s = f.times(r, half)
  const q = f.polynomial(
    s,
    [
      1, -3.33333333333331316428e-2, 1.58730158725481460165e-3, -7.93650757867487942473e-5, 4.00821782732936239552e-6,
      -2.01099218183624371326e-7,
    ],
  )
  const t = f.minus(lit(3), f.times(q, half))
  const e = f.times(s, f.over(f.minus(q, t), f.minus(lit(6), f.times(r, t))))
  const near = f.minus(r, f.minus(f.times(r, e), s))
  const size = f.magnitude(x)
  return f.piecewise(
    size,
    [
      [2 ** -54, x],
      [Math.LN2, f.times(near, f.plus(near, lit(2)))],
    ],
    f.minus(f.power(x), lit(1)),
  )
}

/** Between sqrt(1/2) - 1 and sqrt(2) - 1 the polynomial of log in s = x / (2 + x) (fdlibm, s_log1p); beyond, 1 + x loses nothing. */
export const log1pScalar = (x: Scalar): Scalar => {
  const s = f.over(x, f.plus(lit(2), x))
  const z = f.times(s, s)
  const square = f.times(lit(0.5), f.times(x, x))
  const rest = f.times(
    z,
    f.polynomial(
      z,
      [
        6.66666666666673513e-1, 3.999999999940941908e-1, 2.857142874366239149e-1, 2.222219843214978396e-1, 1.818357216161805012e-1,
        1.531383769920937332e-1, 1.479819860510658591e-1,
      ],
    ),
  )
  const near = f.minus(x, f.minus(square, f.times(s, f.plus(square, rest))))
  const far = f.logarithm(f.plus(lit(1), x))
  return select(f.less(lit(Math.SQRT1_2 - 1), x), select(f.less(x, lit(Math.SQRT2 - 1)), near, far), far)
}

/** e^(ln 2 (x - n)) for the whole n that is nearest, then n doublings or halvings in steps of powers of two: nothing is lost for large x. */
const exp2Scalar = (x: Scalar): Scalar => {
  const c = f.smaller(f.larger(x, lit(-1100)), lit(1100))
  const n = f.whole(f.plus(c, lit(0.5)))
  const isNegative = f.less(n, lit(0))
  let value = f.power(f.times(f.minus(c, n), lit(Math.LN2)))
  let left = f.magnitude(n)
  for (const step of [512, 512, 256, 128, 64, 32, 16, 8, 4, 2, 1]) {
    const short = f.less(left, lit(step))
    // where these are no float32 the result is none either: infinity and 0
    value = select(short, value, f.times(value, select(isNegative, lit(2 ** -step), lit(2 ** step))))
    left = select(short, left, f.minus(left, lit(step)))
  }
  return value
}

/** d(e^x - 1) = e^x dx: not from the value, which has lost e^x for negative x. */
const expm1Op: Op<null, 1, 1> = f.unaryFormula("expm1", { t: "real" }, expm1Scalar, (x, _y, dx) => mul(dx, exp(x)))
const log1pOp: Op<null, 1, 1> = f.unaryFormula("log1p", { t: "positive" }, log1pScalar, (x, _y, dx) => div(dx, add(x, 1)))
const exp2Op: Op<null, 1, 1> = f.unaryFormula("exp2", { t: "real" }, exp2Scalar, (_x, y, dx) => mul(dx, mul(y, Math.LN2)))

/**
 * `e^x - 1`, with all digits also where x is small. -1 at -Infinity. Error below 3 ulp in either precision.
 *
 * @example
 * evaluate(expm1(tensor([1e-10]))) // right([1.00000000005e-10])
 */
export const expm1 = unaryOp("expm1", expm1Op)
/**
 * `log(1 + x)`, with all digits also where x is small. -Infinity at -1, NaN below. Error below 3 ulp in either precision.
 *
 * @example
 * evaluate(log1p(tensor([1e-10]))) // right([9.9999999995e-11])
 */
export const log1p = unaryOp("log1p", log1pOp)
/**
 * `2^x`; exact for whole x. Error below 2 ulp in either precision.
 *
 * @example
 * evaluate(exp2(tensor([10, -1]))) // right([1024, 0.5])
 */
export const exp2 = unaryOp("exp2", exp2Op)
/**
 * Logarithm to base 2, as `log(x) / log(2)`: within 3 ulp, so next to a whole number for a power of two; `round` it where it
 * must be one. NaN below 0, -Infinity at 0.
 *
 * @example
 * evaluate(log2(tensor([4]))) // right([2])
 */
export const log2 = <S extends Shape>(x: Tensor<S>): Tensor<S> => mul(log(x), Math.LOG2E)
/**
 * Logarithm to base 10, as `log(x) / log(10)`: within 3 ulp. NaN below 0, -Infinity at 0.
 *
 * @example
 * evaluate(log10(tensor([100]))) // right([2])
 */
export const log10 = <S extends Shape>(x: Tensor<S>): Tensor<S> => mul(log(x), Math.LOG10E)
