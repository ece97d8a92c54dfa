/**
 * Pseudo-transient continuation (Kelley and Keyes 1998): implicit Euler steps of z' = g(z) = f(z) - z, with a step that grows as the
 * residual falls,
 *
 *     (I / delta - dg/dz) d = g,   z <- z + d,   delta <- delta |g_k| / |g_(k+1)|.
 *
 * Far away it follows the flow, whose stable rest points it finds; near one it becomes Newton's method. 1 / delta is what is carried:
 * it goes to 0 with the residual, where delta would overflow. A turn costs f, its whole Jacobian and one dense solve.
 */
import { add, div, eye, less, mul, norm, sub, where } from "../../ops/index.js"
import type { Algorithm, Scalar, Vector } from "./algorithm.js"
import { residualMatrix, stepOf } from "./newton.js"
import { number, verdictOf } from "./parts.js"

interface State extends Record<string, Scalar> {
  /** 1 / delta. */
  readonly rate: Scalar
  /** |g| at the last point, 0 before the first. */
  readonly size: Scalar
}

export const pseudoTransientAlgorithm = (delta: number): Algorithm<State> => ({
  needs: ["jacobian"],
  recovers: false,
  // the flow may turn away from its rest point before it comes to it
  patience: () => 64,
  init: (z) => ({ state: { rate: number(1 / delta), size: number(0) }, ask: { at: z } }),
  step: ({ rate: last, size: before }, { at, f, jacobian }) => {
    const g = sub(f, at) as Vector
    const size = norm(g) as Scalar
    const known = less(0, before)
    const rate = where(known, mul(last, div(size, where(known, before, number(1)))), last) as Scalar
    const matrix = add(residualMatrix(jacobian as Vector), mul(eye(at.shape[0] as number), rate)) as Vector
    const { d, singular } = stepOf(matrix, g)
    return { state: { rate, size }, ask: { at: add(at, d) as Vector }, verdict: verdictOf([singular, "Singular"]) }
  },
})
