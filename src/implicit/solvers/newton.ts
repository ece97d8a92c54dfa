/** Newton's method: (I - J) d = g, z <- z + d. One turn evaluates f and its whole Jacobian. Affine f is solved in one step. */
import { solveStatuses } from "../../core/index.js"
import { add, expandAxis, eye, full, indexAxis, sub, where } from "../../ops/index.js"
import type { Algorithm, Scalar, Vector } from "./algorithm.js"
import { solveDense } from "./lu.js"

const SINGULAR = solveStatuses.indexOf("Singular")

export const newtonAlgorithm: Algorithm<Record<string, never>> = {
  needs: ["jacobian"],
  recovers: false,
  patience: () => 32,
  init: (z) => ({ state: {}, ask: { at: z } }),
  step: (state, { at, f, jacobian }) => {
    const g = sub(f, at) as Vector
    const { x, singular } = solveDense(sub(eye(at.shape[0] as number), jacobian as Vector) as Vector, expandAxis(g, 1) as Vector)
    const d = indexAxis(x, 1, 0) as Vector
    return {
      state,
      ask: { at: add(at, d) as Vector },
      verdict: where(singular, full([], SINGULAR) as Scalar, full([], 0) as Scalar),
    }
  },
}
