/**
 * Newton's method: (I - J) d = g, z <- z + s d. One turn evaluates f and its whole Jacobian. Affine f is solved in one step, and the
 * steps do not change when F = g is multiplied by a matrix (Deuflhard 2011, chapter 2).
 *
 * Without a line search s = 1. With one (line-search.ts) s is found on |g|^2, along which d always descends: so a search that fails
 * has met rounding, or an inverse too large to use, and the solve has stalled. Where f is not finite the step is halved.
 */
import { add, and, expandAxis, eye, indexAxis, mul, not, sub, zerosLike } from "../../ops/index.js"
import type { Algorithm, Scalar, Vector } from "./algorithm.js"
import { judge, nextTrial } from "./line-search.js"
import { solveDense } from "./lu.js"
import { choose, flag, number, type Truth, verdictOf } from "./parts.js"

/** I - J. */
export const residualMatrix = (jacobian: Vector): Vector => sub(eye(jacobian.shape[0] as number), jacobian) as Vector

/** d with a d = g. */
export const stepOf = (a: Vector, g: Vector): { readonly d: Vector; readonly singular: Truth } => {
  const { x, singular } = solveDense(a, expandAxis(g, 1) as Vector)
  return { d: indexAxis(x, 1, 0) as Vector, singular }
}

const plain: Algorithm<Record<string, never>> = {
  needs: ["jacobian"],
  recovers: false,
  patience: () => 32,
  init: (z) => ({ state: {}, ask: { at: z } }),
  step: (state, { at, f, jacobian }) => {
    const { d, singular } = stepOf(residualMatrix(jacobian as Vector), sub(f, at) as Vector)
    return { state, ask: { at: add(at, d) as Vector }, verdict: verdictOf([singular, "Singular"]) }
  },
}

interface Searching extends Record<string, Vector> {
  readonly z: Vector
  readonly g: Vector
  readonly d: Vector
  readonly s: Scalar
  readonly tries: Scalar
  readonly begun: Scalar
}

/** Enough to come down to steps of 1e-6 by halves: an exact direction is worth that. */
const MAX_TRIES = 20

const searching: Algorithm<Searching> = {
  needs: ["jacobian"],
  recovers: true,
  patience: () => 32,
  init: (z) => {
    const none = zerosLike(z)
    return { state: { z, g: none, d: none, s: number(1), tries: number(0), begun: number(0) }, ask: { at: z } }
  },
  step: (m, { at, f, jacobian }) => {
    const g = sub(f, at) as Vector
    const judged = judge(m, g, MAX_TRIES)
    const { accepted, failed, shorter } = judged
    const { d, singular } = stepOf(residualMatrix(jacobian as Vector), g)
    return {
      state: {
        z: choose(accepted, at, m.z),
        g: choose(accepted, g, m.g),
        d: choose(accepted, d, m.d),
        ...nextTrial(m, judged),
      },
      ask: { at: choose(accepted, add(at, d) as Vector, add(m.z, mul(m.d, shorter)) as Vector) },
      verdict: verdictOf([failed, "Stalled"], [and(accepted, singular), "Singular"]),
      // a trial that is refused says nothing of how the solve goes
      anew: flag(not(accepted)),
    }
  },
}

export const newtonAlgorithm = (lineSearch: boolean): Algorithm => (lineSearch ? searching : plain)
