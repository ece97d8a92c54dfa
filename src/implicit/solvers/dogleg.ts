/**
 * Powell's dogleg (1970) on |g|^2 / 2 within a radius (trust.ts). With G = dg/dz, A = -G = I - J and v = A'g, the way downhill, the
 * path leads from z by the Cauchy point to Newton's:
 *
 *     c = (|v| / |A v|)^2 v,   A n = g,
 *
 * and the step is where the path leaves the ball of the radius: n within it, on the way to c outside, else c + t (n - c) with
 *
 *     a t^2 + b t + e = 0,   a = |n - c|^2,   b = 2 c'(n - c),   e = |c|^2 - radius^2,
 *
 * solved so that nothing cancels. Where A is singular the path ends at c.
 */
import { add, and, div, dot, finite, less, lessEqual, mul, neg, norm, not, or, sqrt, square, sub, where } from "../../ops/index.js"
import type { Algorithm, Scalar, Vector } from "./algorithm.js"
import { stepOf } from "./newton.js"
import { choose, number } from "./parts.js"
import { type Propose, times, transposedTimes, trustAlgorithm } from "./trust.js"

/** What can be divided by. */
const divisor = (x: Scalar): Scalar => where(less(0, x), x, number(1)) as Scalar

/** The t in [0, 1] with |c + t (n - c)| = radius, for |c| < radius < |n|. */
const crossing = (c: Vector, leg: Vector, radius: Scalar): Scalar => {
  const a = dot(leg, leg) as Scalar
  const b = mul(dot(c, leg) as Scalar, 2)
  const e = sub(dot(c, c) as Scalar, square(radius))
  const root = sqrt(sub(square(b), mul(mul(a, e), 4)))
  return where(lessEqual(0, b), div(mul(e, -2), add(b, root)), div(add(neg(b), root), mul(a, 2))) as Scalar
}

export const doglegStep: Propose = (a, g, radius) => {
  const { d: newton, singular } = stepOf(a, g)
  const downhill = transposedTimes(a, g)
  const [length, curve] = [norm(downhill) as Scalar, norm(times(a, downhill)) as Scalar]
  const cauchy = mul(downhill, square(div(length, divisor(curve)))) as Vector
  const edge = mul(downhill, div(radius, divisor(length))) as Vector
  const leg = sub(newton, cauchy) as Vector
  const bent = add(cauchy, mul(leg, crossing(cauchy, leg, radius))) as Vector
  const size = norm(newton) as Scalar
  const known = and(not(singular), finite(size))
  const outside = or(not(less(0, curve)), lessEqual(radius, norm(cauchy)))
  const d = choose(and(known, lessEqual(size, radius)), newton, choose(outside, edge, choose(known, bent, cauchy)))
  const taken = norm(d) as Scalar
  return { d, trust: where(less(taken, radius), taken, radius) as Scalar }
}

export const doglegAlgorithm = (radius: number): Algorithm => trustAlgorithm(radius, doglegStep)
