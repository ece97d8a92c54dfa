/** tan and the inverse trigonometric functions, in radians. */
import { lit, type Op, type Scalar, type Shape, select, type Tensor } from "../core/index.js"
import { add, div, mul, neg, sub } from "./arithmetic.js"
import { equal, where } from "./compare.js"
import { cos, sin, sqrt } from "./elementary.js"
import { maximum } from "./extrema.js"
import * as f from "./formula.js"
import { binaryOp, unaryOp } from "./lift.js"
import { abs } from "./sign.js"

/**
 * For a >= 0: atan a = atan c + atan((a - c) / (1 + a c)) with c = 0, 1/2, 1, 3/2 or infinity, and a polynomial for what is left,
 * which is below 7/16 (fdlibm, s_atan). The angles of c are given in two parts.
 */
const atanOfPositive = (a: Scalar): Scalar => {
  const choose = (values: readonly [Scalar, Scalar, Scalar, Scalar, Scalar]): Scalar =>
    f.piecewise(
      a,
      [7 / 16, 11 / 16, 19 / 16, 39 / 16].map((below, i) => [below, values[i] as Scalar]),
      values[4],
    )
  const constants = (...values: readonly [number, number, number, number, number]): Scalar =>
    choose(values.map(lit) as [Scalar, Scalar, Scalar, Scalar, Scalar])
  const one = lit(1)
  const upper = choose([a, f.minus(f.plus(a, a), one), f.minus(a, one), f.minus(a, lit(1.5)), lit(-1)])
  const lower = choose([one, f.plus(lit(2), a), f.plus(a, one), f.plus(one, f.times(lit(1.5), a)), a])
  const t = f.over(upper, lower)
  const z = f.times(t, t)
  const p = f.times(
    z,
    f.polynomial(
      z,
      [
        3.33333333333329318027e-1, -1.99999999998764832476e-1, 1.42857142725034663711e-1, -1.1111110405462355788e-1,
        9.09088713343650656196e-2, -7.69187620504482999495e-2, 6.66107313738753120669e-2, -5.83357013379057348645e-2,
        4.97687799461593236017e-2, -3.6531572744216915527e-2, 1.62858201153657823623e-2,
      ],
    ),
  )
  const high = constants(0, 4.63647609000806093515e-1, 7.85398163397448278999e-1, 9.82793723247329054082e-1, 1.570796326794896558)
  const low = constants(0, 2.26987774529616870924e-17, 3.06161699786838301793e-17, 1.39033110312309984516e-17, 6.12323399573676603587e-17)
  return f.minus(high, f.minus(f.minus(f.times(t, p), low), t))
}

const atanScalar = (x: Scalar): Scalar => f.odd(x, atanOfPositive(f.magnitude(x)))

/** (1 - x) (1 + x) keeps the digits that 1 - x^2 loses next to 1. */
const cosineOf = (x: Scalar): Scalar => f.root(f.times(f.minus(lit(1), x), f.plus(lit(1), x)))

/** Half-angle formulas: asin a = 2 atan(a / (1 + sqrt(1 - a^2))), acos x = 2 atan(sqrt((1 - x) / (1 + x))). */
const asinScalar = (x: Scalar): Scalar => {
  const a = f.magnitude(x)
  const half = atanOfPositive(f.over(a, f.plus(lit(1), cosineOf(a))))
  return f.odd(x, f.plus(half, half))
}
const acosScalar = (x: Scalar): Scalar => {
  const half = atanOfPositive(f.root(f.over(f.minus(lit(1), x), f.plus(lit(1), x))))
  return f.plus(half, half)
}

/** The angle of (|x|, |y|) from the smaller over the larger, then into its quadrant. */
const atan2Scalar = (y: Scalar, x: Scalar): Scalar => {
  const [ax, ay] = [f.magnitude(x), f.magnitude(y)]
  const [small, large] = [f.smaller(ax, ay), f.larger(ax, ay)]
  // 0/0 is 0 and infinity over infinity is 1; NaN equals neither
  const slope = select(f.same(large, lit(0)), lit(0), select(f.same(small, lit(Number.POSITIVE_INFINITY)), lit(1), f.over(small, large)))
  const t = atanOfPositive(slope)
  const steep = select(f.less(ax, ay), f.minus(lit(Math.PI / 2), t), t)
  const angle = select(f.less(x, lit(0)), f.minus(lit(Math.PI), steep), steep)
  return select(f.less(y, lit(0)), f.negative(angle), angle)
}

/** `a / (x^2 + y^2)` without overflow or underflow of the squares; 0 at the origin. */
const overSquares = (a: Tensor, y: Tensor, x: Tensor): Tensor => {
  const size = maximum(abs(x), abs(y)) as Tensor
  const origin = equal(size, 0)
  const m = where(origin, 1, size)
  const [u, v] = [div(x, m), div(y, m)] as [Tensor, Tensor]
  const squares = where(origin, 1, add(mul(u, u), mul(v, v)) as Tensor)
  return div(div(div(a, m), squares), m) as Tensor
}

const inverseSlope = (x: Tensor): Tensor => sqrt(mul(sub(1, x), add(1, x)))
const atanOp: Op<null, 1, 1> = f.unaryFormula("atan", { t: "real" }, atanScalar, (x, _y, dx) => div(dx, add(mul(x, x), 1)))
const unit = { t: "between", lo: -0.75, hi: 0.75 } as const
const asinOp: Op<null, 1, 1> = f.unaryFormula("asin", unit, asinScalar, (x, _y, dx) => div(dx, inverseSlope(x)))
const acosOp: Op<null, 1, 1> = f.unaryFormula("acos", unit, acosScalar, (x, _y, dx) => neg(div(dx, inverseSlope(x))))
const atan2Op: Op<null, 2, 1> = f.binaryFormula("atan2", [{ t: "awayFromZero" }, { t: "awayFromZero" }], atan2Scalar, [
  (y, x) => overSquares(x, y, x),
  (y, x) => neg(overSquares(y, y, x)),
])

/**
 * Tangent, as sin / cos. Error below 3 ulp; derivative `1 + tan^2`.
 *
 * @example
 * evaluate(tan(tensor([0]))) // right([0])
 */
export const tan = <S extends Shape>(x: Tensor<S>): Tensor<S> => div(sin(x) as Tensor, cos(x) as Tensor) as Tensor as Tensor<S>
/**
 * Inverse sine, in [-pi/2, pi/2]. NaN beyond [-1, 1]; the derivative there is infinite. Error below 4 ulp in either precision.
 *
 * @example
 * evaluate(asin(tensor([1]))) // right([1.5707963267948966])
 */
export const asin = unaryOp("asin", asinOp)
/**
 * Inverse cosine, in [0, pi]. NaN beyond [-1, 1]; the derivative at the ends is infinite. Error below 4 ulp in either precision.
 *
 * @example
 * evaluate(acos(tensor([1]))) // right([0])
 */
export const acos = unaryOp("acos", acosOp)
/**
 * Inverse tangent, in [-pi/2, pi/2]. Error below 2 ulp in either precision.
 *
 * @example
 * evaluate(atan(tensor([Infinity]))) // right([1.5707963267948966])
 */
export const atan = unaryOp("atan", atanOp)
/**
 * `atan2(y, x)`: the angle of the point (x, y) in (-pi, pi]. Zeros count as +0 whatever their sign: the angle of the negative x axis is
 * pi. At the origin the angle and both derivatives are 0 (a choice: there is none). Infinite coordinates have the angle of the diagonal.
 * Data-last: `atan2(x)(y)`. Error below 3 ulp in either precision.
 *
 * @example
 * evaluate(atan2(tensor([1]), tensor([-1]))) // right([2.356194490192345])
 */
export const atan2 = binaryOp("atan2", atan2Op)
