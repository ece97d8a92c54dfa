/** The error function, its complement and its inverse. */
import { lit, type Op, type Scalar, select, type Tensor } from "../core/index.js"
import { mul, neg } from "./arithmetic.js"
import { exp } from "./elementary.js"
import * as f from "./formula.js"
import { unaryOp } from "./lift.js"
import { square } from "./power.js"

const ratio = (x: Scalar, upper: readonly number[], lower: readonly number[]): Scalar =>
  f.over(f.polynomial(x, upper), f.polynomial(x, lower))

/** (erf(x) - x) / x for |x| < 0.84375; rational functions of this file: fdlibm, s_erf. */
const nearZero = (x: Scalar): Scalar =>
  ratio(
    f.times(x, x),
    [
      1.28379167095512558561e-1, -3.2504210724700149937e-1, -2.84817495755985104766e-2, -5.77027029648944159157e-3,
      -2.37630166566501626084e-5,
    ],
    [
      1, 3.97917223959155352819e-1, 6.50222499887672944485e-2, 5.08130628187576562776e-3, 1.32494738004321644526e-4,
      -3.9602282787753681232e-6,
    ],
  )

const atOne = 8.45062911510467529297e-1
/** erf(a) - atOne for 0.84375 <= a < 1.25. */
const nearOne = (a: Scalar): Scalar =>
  ratio(
    f.minus(a, lit(1)),
    [
      -2.36211856075265944077e-3, 4.14856118683748331666e-1, -3.72207876035701323847e-1, 3.18346619901161753674e-1,
      -1.10894694282396677476e-1, 3.54783043256182359371e-2, -2.166375594868790843e-3,
    ],
    [
      1, 1.06420880400844228286e-1, 5.40397917702171048937e-1, 7.18286544141962662868e-2, 1.26171219808761642112e-1,
      1.36370839120290507362e-2, 1.1984499846799107417e-2,
    ],
  )

/** The largest |x| with erfc(x) above 0, rounded up. */
const END = 28

/**
 * erfc(a) = e^(-a^2 - 0.5625 + R(1/a^2)) / a for a >= 1.25. The square is split: z is `a` to a multiple of 2^-8, so that z^2 is exact in
 * either precision and only the small rest (z - a)(z + a) is rounded.
 */
const tail = (size: Scalar): Scalar => {
  const a = f.smaller(f.larger(size, lit(1.25)), lit(END))
  const s = f.over(lit(1), f.times(a, a))
  const isNear = f.less(a, lit(1 / 0.35))
  const upper = [
    f.polynomial(
      s,
      [
        -9.86494403484714822705e-3, -6.93858572707181764372e-1, -1.05586262253232909814e1, -6.23753324503260060396e1,
        -1.62396669462573470355e2, -1.84605092906711035994e2, -8.12874355063065934246e1, -9.81432934416914548592,
      ],
    ),
    f.polynomial(
      s,
      [
        -9.86494292470009928597e-3, -7.99283237680523006574e-1, -1.77579549177547519889e1, -1.60636384855821916062e2,
        -6.37566443368389627722e2, -1.02509513161107724954e3, -4.83519191608651397019e2,
      ],
    ),
  ] as const
  const lower = [
    f.polynomial(
      s,
      [
        1, 1.96512716674392571292e1, 1.376577541435190426e2, 4.34565877475229228821e2, 6.45387271733267880336e2, 4.29008140027567833386e2,
        1.08635005541779435134e2, 6.57024977031928170135, -6.04244152148580987438e-2,
      ],
    ),
    f.polynomial(
      s,
      [
        1, 3.03380607434824582924e1, 3.25792512996573918826e2, 1.53672958608443695994e3, 3.19985821950859553908e3, 2.55305040643316442583e3,
        4.74528541206955367215e2, -2.24409524465858183362e1,
      ],
    ),
  ] as const
  const r = f.over(select(isNear, upper[0], upper[1]), select(isNear, lower[0], lower[1]))
  const z = f.times(f.whole(f.times(a, lit(256))), lit(1 / 256))
  const rest = f.plus(f.times(f.minus(z, a), f.plus(z, a)), r)
  return f.over(f.times(f.power(f.minus(f.negative(f.times(z, z)), lit(0.5625))), f.power(rest)), a)
}

const erfScalar = (x: Scalar): Scalar => {
  const a = f.magnitude(x)
  const pieces = [
    [0.84375, f.plus(a, f.times(a, nearZero(x)))],
    [1.25, f.plus(lit(atOne), nearOne(a))],
  ] as const
  return f.odd(x, f.piecewise(a, pieces, f.minus(lit(1), tail(a))))
}

const erfcScalar = (x: Scalar): Scalar => {
  const a = f.magnitude(x)
  const bend = f.times(x, nearZero(x))
  const half = lit(0.5)
  const near = f.piecewise(x, [[0.25, f.minus(lit(1), f.plus(x, bend))]], f.minus(half, f.plus(f.minus(x, half), bend)))
  const isNegative = f.less(x, lit(0))
  const middle = select(isNegative, f.plus(lit(1 + atOne), nearOne(a)), f.minus(lit(1 - atOne), nearOne(a)))
  const rest = tail(a)
  return f.piecewise(
    a,
    [
      [0.84375, near],
      [1.25, middle],
    ],
    select(isNegative, f.minus(lit(2), rest), rest),
  )
}

/**
 * A polynomial in w = -log(1 - x^2) to seven digits (Giles, "Approximating the erfinv function", 2011; beyond w = 5 fitted to 1 - x of
 * 1e-17), then one step of Halley on erf, or on erfc where x is near 1: its error is the third power.
 */
const erfInvScalar = (x: Scalar): Scalar => {
  const a = f.magnitude(x)
  const beside = f.minus(lit(1), a)
  const w = f.negative(f.logarithm(f.times(beside, f.plus(lit(1), a))))
  const isNear = f.less(w, lit(5))
  const near = f.polynomial(
    f.minus(w, lit(2.5)),
    [1.50140941, 0.246640727, -0.00417768164, -0.00125372503, 0.00021858087, -4.39150654e-6, -3.5233877e-6, 3.43273939e-7, 2.81022636e-8],
  )
  const far = f.polynomial(
    f.minus(f.root(w), lit(4)),
    [
      3.83978346168, 1.00949388717, 0.00125563362747, -0.000849781408287, 0.000289780555683, -8.85319708781e-5, 2.64802702938e-5,
      -3.58394888999e-6, -1.2812005422e-6, 4.02336450447e-7,
    ],
  )
  const first = select(isNear, f.times(a, near), far)
  const residual = select(f.less(a, lit(0.5)), f.minus(erfScalar(first), a), f.minus(beside, erfcScalar(first)))
  const newton = f.times(residual, f.times(lit(Math.sqrt(Math.PI) / 2), f.power(f.times(first, first))))
  const halley = f.over(newton, f.plus(lit(1), f.times(first, newton)))
  return f.odd(x, select(f.same(a, lit(1)), lit(Number.POSITIVE_INFINITY), f.minus(first, halley)))
}

const bell = (x: Tensor): Tensor => mul(exp(neg(square(x))), 2 / Math.sqrt(Math.PI))

const erfOp: Op<null, 1, 1> = f.unaryFormula("erf", { t: "real" }, erfScalar, (x, _y, dx) => mul(dx, bell(x)))
const erfcOp: Op<null, 1, 1> = f.unaryFormula("erfc", { t: "real" }, erfcScalar, (x, _y, dx) => neg(mul(dx, bell(x))))
const erfInvOp: Op<null, 1, 1> = f.unaryFormula("erfInv", { t: "between", lo: -0.75, hi: 0.75 }, erfInvScalar, (_x, y, dx) =>
  mul(dx, mul(exp(square(y)), Math.sqrt(Math.PI) / 2)),
)

/**
 * The error function, `2 / sqrt(pi)` times the integral of `e^(-t^2)` from 0 to x. Error below 2 ulp in either precision.
 *
 * @example
 * evaluate(erf(tensor([0, 1]))) // right([0, 0.8427007929497149])
 */
export const erf = unaryOp("erf", erfOp)
/**
 * `1 - erf(x)`, with all digits also where that is small. Error below 6 ulp in either precision, as long as the result is not subnormal.
 *
 * @example
 * evaluate(erfc(tensor([10]))) // right([2.088487583762545e-45])
 */
export const erfc = unaryOp("erfc", erfcOp)
/**
 * Inverse of `erf`. Infinite at -1 and 1, NaN beyond. Error below 4 ulp in either precision.
 *
 * @example
 * evaluate(erfInv(tensor([0.5]))) // right([0.4769362762044699])
 */
export const erfInv = unaryOp("erfInv", erfInvOp)
