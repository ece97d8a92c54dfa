/**
 * The chord method: Newton's with a Jacobian that is kept, z <- z + M g, M = (I - J)^-1 at an earlier point, as long as each step
 * multiplies |g| by at most `rate` (Kelley 1995, section 5.4; codes for stiff equations do the same, Hairer and Wanner 1996, IV.8).
 *
 * A step that does worse makes the Jacobian anew, at the better of its two ends; one that does worse straight after that is Newton's
 * own, which is gone on from. The Jacobian is asked for at the start and then only when it is to be renewed, in a turn of its own. So
 * a turn costs f and the product of an n by n matrix with a vector; one that renews costs f twice, n products with the Jacobian and an
 * elimination of 2 n^3 operations.
 */
import { add, and, cond, einsum, eye, finite, less, lessEqual, mul, norm, not, or, sub, where, zerosLike } from "../../ops/index.js"
import type { Algorithm, Scalar, Vector } from "./algorithm.js"
import { solveDense } from "./lu.js"
import { residualMatrix } from "./newton.js"
import { choose, flag, number, verdictOf } from "./parts.js"

interface State extends Record<string, Vector> {
  readonly inverse: Vector
  readonly z: Vector
  /** |g| at z. */
  readonly size: Scalar
  /** 1 where the answer brings the Jacobian. */
  readonly renewing: Scalar
  /** 1 where the Jacobian was made at z: the step from there is Newton's. */
  readonly own: Scalar
}

export const chordAlgorithm = (rate: number): Algorithm<State> => ({
  needs: ["jacobian"],
  recovers: true,
  patience: () => 32,
  init: (z) => ({
    state: { inverse: zerosLike(eye(z.shape[0] as number)) as Vector, z, size: number(0), renewing: number(1), own: number(0) },
    ask: { at: z, probe: number(0), wants: { jacobian: number(1) } },
  }),
  step: (s, { at, f, jacobian }) => {
    const g = sub(f, at) as Vector
    const size = norm(g) as Scalar
    const renewing = less(0.5, s.renewing)
    const made = cond(
      renewing,
      () => {
        const { x, singular } = solveDense(residualMatrix(jacobian as Vector), eye(at.shape[0] as number) as Vector)
        return { inverse: x, singular: flag(singular) }
      },
      () => ({ inverse: s.inverse, singular: number(0) }),
    )
    const good = or(renewing, lessEqual(size, mul(s.size, rate)))
    const newtons = less(0.5, s.own)
    // where the Jacobian is made anew: here, or back where the step came from
    const here = and(finite(size), or(newtons, less(size, s.size)))
    const lost = and(not(good), and(newtons, not(finite(size))))
    const base = choose(or(good, here), at, s.z)
    const step = einsum("ij,j->i", made.inverse, g) as Vector
    return {
      state: {
        inverse: made.inverse,
        z: base,
        size: where(or(good, here), size, s.size) as Scalar,
        renewing: flag(not(good)),
        own: flag(renewing),
      },
      ask: { at: choose(good, add(at, step) as Vector, base), probe: flag(not(good)), wants: { jacobian: flag(not(good)) } },
      verdict: verdictOf([lost, "NonFinite"], [less(0.5, made.singular), "Singular"]),
      anew: flag(and(not(good), not(here))),
    }
  },
})
