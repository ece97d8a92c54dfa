/** The constructor of Anderson acceleration with its options. */
import { TraceError } from "../../core/index.js"
import type { Safeguard, Solver, SolverOptions } from "../spec/index.js"
import { portion, whole } from "./check.js"
import { solver } from "./solver.js"

/** Options of `anderson`. */
export interface AndersonOptions extends SolverOptions {
  /** Differences of iterates that are kept. Default 5. */
  readonly memory?: number
  /** The beta of Walker and Ni (2011), in (0, 1]. Default 1. */
  readonly mixing?: number
  /**
   * Adds lambda |gamma|^2 to the least squares problem of a step, lambda being `ridge` times the largest squared length of a difference of
   * residuals, so that it means the same at every size of residual. Default 0: the problem is solved by orthonormal differences, of which
   * those that add nothing are dropped, so it is well-conditioned as it is, and a ridge would only cost the exactness on affine maps. A
   * ridge of 1e-10 to 1e-4 helps where f is noisy.
   */
  readonly ridge?: number
  /** Empties the window after so many steps, for maps whose Jacobian changes along the way. Default never. */
  readonly restart?: number
  /**
   * Refuses an extrapolated point whose residual exceeds `growth` (default 2) times the one before, or `bound` (default 1e6) times the
   * first one divided by (s + 1)^1.1 after s accepted ones; the window is emptied and the plain step taken. So the method converges
   * wherever f contracts. Without it a point is given up only when its residual is a thousand times the best one, or not finite.
   */
  readonly safeguard?: Partial<Safeguard>
}

const above = (what: string, x: number, least: number): number => {
  if (!(x >= least && x < Number.POSITIVE_INFINITY))
    throw new TraceError(`anderson: ${what} must be a number of at least ${least}, found ${x}`)
  return x
}

/**
 * Anderson acceleration, type II, QR form, window of `memory` differences (default 5) that grows from the start; differences
 * that add nothing are dropped. `mixing` is the beta of Walker and Ni (2011), default 1.
 *
 * @example
 * fixedPoint((z) => tanh(add(matmul(z, w), x)), zerosLike(x), anderson({ memory: 5, safeguard: {} }))
 */
export const anderson = ({ memory = 5, mixing = 1, ridge = 0, restart, safeguard, ...options }: AndersonOptions = {}): Solver => {
  const { growth = 2, bound = 1e6 } = safeguard ?? {}
  return solver(
    {
      _tag: "anderson",
      memory: whole("anderson: memory", memory, 1),
      mixing: portion("anderson: mixing", mixing),
      ...(above("ridge", ridge, 0) === 0 ? {} : { ridge }),
      ...(restart === undefined ? {} : { restart: whole("anderson: restart", restart, 1) }),
      ...(safeguard === undefined
        ? {}
        : { safeguard: { growth: above("growth", growth, 1), bound: above("bound", bound, Number.MIN_VALUE) } }),
    },
    options,
  )
}
