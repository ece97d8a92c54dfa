/**
 * Anderson acceleration, type II (Walker and Ni 2011). With differences of iterates and of residuals g = f(z) - z as rows of DZ
 * and DG, gamma minimises |g - gamma DG|, and
 *
 *     z <- z + beta g - gamma (DZ + beta DG).
 *
 * The least squares problem is solved by orthonormalising the differences from the newest to the oldest; one that adds less
 * than epsilon^(5/8) of its length (1e-10 in float64) to those before it is dropped. For affine f, full memory and beta = 1 the
 * iterates are f of the iterates of GMRES.
 */
import { epsilon } from "../../core/index.js"
import { add, exp, eye, finite, full, indexAxis, less, log, mul, norm, not, or, sub, where, zerosLike } from "../../ops/index.js"
import type { Algorithm, Scalar, Vector } from "./algorithm.js"
import { combine, emptyRows, orthogonalise, project, pushRow } from "./basis.js"

interface History extends Record<string, Vector> {
  readonly DZ: Vector
  readonly DG: Vector
  readonly z: Vector
  readonly g: Vector
  /** 1 once z and g are there. */
  readonly begun: Scalar
  /** The best point, to go back to when an extrapolation runs away. */
  readonly best: Vector
  readonly bestG: Vector
  /** How much of the residual is stepped along from the best point when an extrapolation was lost; halved by each loss in a row. */
  readonly tau: Scalar
}

/** The weights of the differences: those of the least squares problem, through an orthonormal basis. */
const weights = (DG: Vector, g: Vector): Vector => {
  const m = DG.shape[0] as number
  const drop = exp(mul(log(epsilon()), 5 / 8))
  let basis = { Q: emptyRows(m, g.shape[0] as number), T: emptyRows(m, m) }
  for (let i = m - 1; i >= 0; i--) {
    const unit = unitVector(m, i)
    const { q, t } = orthogonalise(basis, indexAxis(DG, 0, i), unit, drop)
    basis = { Q: pushRow(basis.Q, q), T: pushRow(basis.T, t) }
  }
  return combine(basis.T, project(basis.Q, g))
}

const unitVector = (m: number, i: number): Vector => indexAxis(eye(m), 0, i) as Vector

/** At z, with the differences at hand. */
const begin = (z: Vector, { DZ, DG }: { readonly DZ: Vector; readonly DG: Vector }) => {
  const none = zerosLike(z)
  const one = full([], 1) as Scalar
  return { state: { DZ, DG, z: none, g: none, begun: full([], 0) as Scalar, best: z, bestG: none, tau: one }, ask: { at: z } }
}

export const andersonAlgorithm = (memory: number, beta: number): Algorithm<History> => ({
  needs: [],
  recovers: true,
  patience: () => 64,
  init: (z) => {
    const rows = emptyRows(Math.min(memory, z.shape[0] as number), z.shape[0] as number)
    return begin(z, { DZ: rows, DG: rows })
  },
  memory: {
    keep: ({ DZ, DG }) => ({ DZ, DG }),
    resume: (kept: Pick<History, "DZ" | "DG">, z) => begin(z, kept),
  },
  step: (s, { at, f }) => {
    const g = sub(f, at)
    const began = less(0.5, s.begun)
    const [size, bestSize] = [norm(g), norm(s.bestG)]
    // An extrapolation that lost three digits against the best point, or all of them: forget, and go on from there.
    const lost = where(began, or(not(finite(size)), less(mul(bestSize, 1e3), size)), less(full([], 1), 0))
    const DZ = where(began, pushRow(s.DZ, sub(at, s.z)), s.DZ)
    const DG = where(began, pushRow(s.DG, sub(g, s.g)), s.DG)
    const gamma = weights(where(lost, zerosLike(DG), DG), where(lost, zerosLike(g), g))
    const next = sub(add(at, mul(g, beta)), combine(add(DZ, mul(DG, beta)), gamma))
    const better = or(not(began), less(size, bestSize))
    const tau = where(lost, mul(s.tau, 0.5), where(better, full([], 1) as Scalar, s.tau)) as Scalar
    const from = { z: where(better, at, s.best), g: where(better, g, s.bestG) }
    return {
      state: {
        DZ: where(lost, zerosLike(DZ), DZ),
        DG: where(lost, zerosLike(DG), DG),
        z: where(lost, s.best, at),
        g: where(lost, s.bestG, g),
        begun: full([], 1) as Scalar,
        best: from.z,
        bestG: from.g,
        tau,
      },
      ask: { at: where(lost, add(s.best, mul(s.bestG, tau)), next) },
    }
  },
})
