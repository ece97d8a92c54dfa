/** Whole solvers as data. */
import type { Adjoint } from "./adjoint.js"
import type { Method } from "./method.js"
import type { Tolerances } from "./tolerances.js"

/** What happens when a solve does not converge. */
export type Policy =
  /** The program that contains it ends as `Left(NotConverged)`. */
  | "reject"
  /** The iterate with the smallest residual is used, and the report says so. */
  | "useBest"
  /** The number of applications is the point, as in slot attention: only non-finite values are refused. */
  | "fixedBudget"

/** Everything about a solve, in one value. */
export interface Solver extends Tolerances {
  readonly method: Method
  readonly adjoint: Adjoint
  readonly onFailure: Policy
  /** Names the solve in reports. */
  readonly name?: string
}

/** What every constructor of a solver takes: tolerances, how the gradient passes, what a failure means, and a name for reports. */
export interface SolverOptions extends Tolerances {
  /** Default `exact(auto())`. */
  readonly adjoint?: Adjoint
  /** Default "reject". */
  readonly onFailure?: Policy
  readonly name?: string
}

/**
 * Whether a solver's gradient is that of the solution, or of an approximation that is cheaper.
 *
 * @example
 * isBiased(picard({ adjoint: oneStep })) // true
 */
export const isBiased = ({ adjoint }: Solver): boolean => !["exact", "unrolled", "checkpointed"].includes(adjoint._tag)
