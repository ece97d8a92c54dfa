/** The constructor of bisection. */
import { TraceError } from "../../core/index.js"
import type { Solver, SolverOptions } from "../spec/index.js"
import { solver } from "./solver.js"

/** Where bisection looks. */
export interface Bracket {
  readonly low: number
  readonly high: number
  /** Whether the bracket is made wider, by doubling, until there is a change of sign. Default false. */
  readonly expand?: boolean
}

/**
 * Bisection for a state of one number (one a row under `perRow` and `vmap`): f(z) - z changes its sign between `low` and `high`. The
 * initial state is only tried first. The derivative is that of the solution, as with every solver.
 *
 * No change of sign ends the solve with the status `Breakdown`; a jump or a pole that the halves close in on, with `Stalled`.
 *
 * A turn costs f once; each halving gains one bit.
 *
 * @example
 * fixedPoint((z) => cos(z), tensor(1), bisection({ low: 0, high: 2 }))
 */
export const bisection = ({ low, high, expand = false, ...options }: SolverOptions & Bracket): Solver => {
  if (!(Number.isFinite(low) && Number.isFinite(high) && low < high))
    throw new TraceError(`bisection: expected finite low < high, found ${low} and ${high}`)
  // JSON has no -0
  return solver({ _tag: "bisection", low: low + 0, high: high + 0, expand }, options)
}
