/**
 * Anderson acceleration, type II (Walker and Ni 2011). With differences of iterates and of residuals g = f(z) - z as rows of DZ
 * and DG, gamma minimises |g - gamma DG|, and
 *
 *     z <- z + beta g - gamma (DZ + beta DG).
 *
 * The least squares problem is solved by a QR factorisation that is updated from turn to turn (residual-history.ts); a difference that
 * adds less than epsilon^(5/8) of its length (1e-10 in float64) to the newer ones is dropped. For affine f, full memory and beta = 1 the
 * iterates are f of the iterates of GMRES.
 */
import type { Tensor } from "../../core/index.js"
import { add, and, finite, full, less, mul, norm, not, or, sub, where, zerosLike } from "../../ops/index.js"
import type { Algorithm, Scalar, Vector } from "./algorithm.js"
import { combine, emptyRows, pushRow } from "./basis.js"
import { transient } from "./course.js"
import { fitWith, type History, noHistory } from "./residual-history.js"

interface Memory extends Record<string, Vector | History> {
  readonly DZ: Vector
  readonly history: History
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

type Kept = Pick<Memory, "DZ" | "history">

/** At z, with the differences at hand. */
const begin = (z: Vector, { DZ, history }: Kept) => {
  const none = zerosLike(z)
  const one = full([], 1) as Scalar
  return {
    state: { DZ, history, z: none, g: none, begun: full([], 0) as Scalar, best: z, bestG: none, tau: one },
    ask: { at: z },
  }
}

export const andersonAlgorithm = (memory: number, beta: number, ridge: number): Algorithm<Memory> => ({
  needs: [],
  recovers: true,
  patience: transient,
  init: (z) => {
    const n = z.shape[0] as number
    const m = Math.max(1, Math.min(memory, n))
    return begin(z, { DZ: emptyRows(m, n), history: noHistory(m, n) })
  },
  memory: {
    keep: ({ DZ, history }) => ({ DZ, history }),
    resume: (kept: Kept, z) => begin(z, kept),
  },
  step: (s, { at, f }) => {
    const g = sub(f, at)
    const began = less(0.5, s.begun)
    const [size, bestSize] = [norm(g), norm(s.bestG)]
    // An extrapolation that lost three digits against the best point, or all of them: forget, and go on from there.
    const lost = where(began, or(not(finite(size)), less(mul(bestSize, 1e3), size)), less(full([], 1), 0))
    // forgotten before it is used, where the next point is another one: so no second pass is made over it
    const DZ = where(lost, zerosLike(s.DZ), where(began, pushRow(s.DZ, sub(at, s.z)), s.DZ))
    const joining = { joins: and(began, not(lost)) as Tensor<[], "bool">, forgets: lost as Tensor<[], "bool"> }
    const { history, gamma, fitted } = fitWith(s.history, sub(g, s.g) as Vector, where(lost, zerosLike(g), g) as Vector, ridge, joining)
    const next = sub(add(at, mul(sub(g, fitted), beta)), combine(DZ, gamma)) as Vector
    const better = or(not(began), less(size, bestSize))
    const tau = where(lost, mul(s.tau, 0.5), where(better, full([], 1) as Scalar, s.tau)) as Scalar
    const from = { z: where(better, at, s.best), g: where(better, g, s.bestG) }
    return {
      state: {
        DZ,
        history,
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
