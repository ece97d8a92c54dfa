/**
 * Steps that are trusted as far as they have proved right, on phi = |g|^2 / 2 with the model |g + G d|^2 / 2, G = dg/dz. With the
 * change that the model predicts, pred = g'w + w'w / 2 for w = G d (below 0), a trial is accepted where
 *
 *     phi(z + d) - phi(z) <= 0.01 pred,
 *
 * written without a division, so that NaN is refused; then the trust is multiplied by 3.5 where the change is at least 0.99 pred. A
 * refused trial multiplies it by 0.25 (the rule of Optimistix, after Gould, Orban, Sartenaer and Toint 2005). So |g| never rises.
 *
 * What a trust means is the method's: a radius (dogleg.ts), the inverse of a damping (levenberg-marquardt.ts). A turn is one trial
 * and costs f, its whole Jacobian and one proposal.
 */
import { epsilon } from "../../core/index.js"
import { add, and, dot, einsum, less, lessEqual, mul, norm, not, or, sub, where, zerosLike } from "../../ops/index.js"
import type { Algorithm, Scalar, Vector } from "./algorithm.js"
import { residualMatrix } from "./newton.js"
import { choose, flag, number, type Truth, verdictOf } from "./parts.js"

export interface Proposal {
  readonly d: Vector
  /** The least trust that would have led to it. */
  readonly trust: Scalar
}

/** A step for the residual `g` and the matrix A = -G = I - J. */
export type Propose = (a: Vector, g: Vector, trust: Scalar) => Proposal

interface State extends Record<string, Vector> {
  readonly z: Vector
  readonly g: Vector
  /** I - J at z. */
  readonly a: Vector
  /** The length of the trial, and the change of phi that it is to bring. */
  readonly length: Scalar
  readonly predicted: Scalar
  readonly trust: Scalar
  /** The least trust that would have led to the trial. */
  readonly used: Scalar
  readonly begun: Scalar
}

export const times = (a: Vector, x: Vector): Vector => einsum("ij,j->i", a, x) as Vector
export const transposedTimes = (a: Vector, x: Vector): Vector => einsum("ij,i->j", a, x) as Vector

/** Whether the gradient of phi vanishes where g does not: then A is singular to working precision. */
const isStationary = (a: Vector, g: Vector): Truth =>
  lessEqual(norm(transposedTimes(a, g)), mul(mul(norm(a), norm(g)), mul(epsilon(), g.shape[0] as number))) as Truth

export const trustAlgorithm = (start: number, propose: Propose): Algorithm<State> => ({
  needs: ["jacobian"],
  recovers: true,
  patience: () => 32,
  init: (z) => {
    const none = zerosLike(z)
    const a = einsum("i,j->ij", none, none) as Vector
    const zero = number(0)
    return {
      state: { z, g: none, a, length: zero, predicted: zero, trust: number(start), used: zero, begun: zero },
      ask: { at: z },
    }
  },
  step: (s, { at, f, jacobian }) => {
    const found = sub(f, at) as Vector
    const began = less(0.5, s.begun)
    const change = mul(sub(dot(found, found) as Scalar, dot(s.g, s.g) as Scalar), 0.5)
    const accepted = or(not(began), lessEqual(change, mul(s.predicted, 0.01)))
    const foretold = and(began, lessEqual(change, mul(s.predicted, 0.99)))
    const trust = where(accepted, where(foretold, mul(s.trust, 3.5), s.trust), mul(s.used, 0.25)) as Scalar
    const z = choose(accepted, at, s.z)
    const g = choose(accepted, found, s.g)
    const a = choose(accepted, residualMatrix(jacobian as Vector), s.a)
    const made = propose(a, g, trust)
    const w = times(a, made.d)
    const predicted = sub(mul(dot(w, w) as Scalar, 0.5), dot(g, w) as Scalar) as Scalar
    // a refused step that is next to nothing beside z can't be shortened any further
    const tiny = lessEqual(s.length, mul(norm(s.z), epsilon()))
    return {
      state: { z, g, a, length: norm(made.d) as Scalar, predicted, trust, used: made.trust, begun: number(1) },
      ask: { at: add(z, made.d) as Vector },
      verdict: verdictOf([and(not(accepted), tiny), "Stalled"], [isStationary(a, g), "Singular"]),
      // a trial that is refused says nothing of how the solve goes
      anew: flag(not(accepted)),
    }
  },
})
