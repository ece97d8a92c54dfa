/**
 * Backtracking on phi(s) = |g(z + s d)|^2 (Dennis and Schnabel 1983, section 6.3) for a direction with phi'(0) = -2 phi(0), as
 * that of Newton has. A trial is accepted where
 *
 *     phi(s) <= (1 - 2 c s) phi(0),   c = 1e-4;
 *
 * else the next one is where the parabola through phi(0), phi'(0) and phi(s) is least, kept within [0.1, 0.5] s. A trial at which
 * g is not finite halves s. Each trial is a turn of the loop, so only what is known of the last one is carried.
 */
import { add, and, div, dot, finite, less, lessEqual, mul, not, or, square, sub, where } from "../../ops/index.js"
import type { Scalar, Vector } from "./algorithm.js"
import { number, type Truth } from "./parts.js"

/** A search from a point with residual `g`; its last trial was `s` times the direction. */
export interface Search {
  readonly g: Vector
  readonly s: Scalar
  /** Trials refused so far. */
  readonly tries: Scalar
  /** 0 before the first point, which is taken as it is. */
  readonly begun: Scalar
}

export interface Judgement {
  readonly accepted: Truth
  /** Accepted because as many trials as may be were refused, and only therefore. */
  readonly failed: Truth
  /** Where a trial was refused, the next one. */
  readonly shorter: Scalar
}

const SLOPE = 1e-4

/** What becomes of a trial with residual `g` after at most `most` refused ones. */
export const judge = (m: Search, g: Vector, most: number): Judgement => {
  const began = less(0.5, m.begun)
  const [phi0, phi] = [dot(m.g, m.g) as Scalar, dot(g, g) as Scalar]
  const descends = and(finite(phi), lessEqual(phi, mul(phi0, sub(1, mul(m.s, 2 * SLOPE)))))
  const tired = and(finite(phi), not(less(m.tries, most)))
  const bowl = add(sub(phi, phi0), mul(m.s, mul(phi0, 2)))
  const least = div(mul(square(m.s), phi0), where(less(0, bowl), bowl, number(1)))
  const [low, high] = [mul(m.s, 0.1), mul(m.s, 0.5)]
  const inside = where(less(least, low), low, where(less(high, least), high, least))
  return {
    accepted: or(not(began), or(descends, tired)),
    failed: and(and(began, tired), not(descends)),
    shorter: where(and(finite(phi), less(0, bowl)), inside, high) as Scalar,
  }
}

/** The step to try first after an accepted trial, and the next one after a refused one. */
export const nextTrial = (m: Search, { accepted, shorter }: Judgement): Pick<Search, "s" | "tries" | "begun"> => ({
  s: where(accepted, number(1), shorter) as Scalar,
  tries: where(accepted, number(0), add(m.tries, 1)) as Scalar,
  begun: number(1),
})
