/** Solvers made of solvers. */
import type { Solver } from "../spec/index.js"
import { portion } from "./check.js"

/**
 * A solver on (1 - tau) z + tau f(z), 0 < tau <= 1. The fixed points and the gradients are the same; residuals stay those of f.
 *
 * @example
 * damped(picard(), 0.5)
 */
export const damped = (of: Solver, tau: number): Solver => ({
  ...of,
  method: { _tag: "damped", tau: portion("damped: tau", tau), of: of.method },
})

/**
 * Each row of the first axis converges on its own and is then frozen; f still sees the whole batch.
 *
 * @example
 * perRow(anderson({ memory: 5 }))
 */
export const perRow = (of: Solver): Solver => ({ ...of, method: { _tag: "perRow", of: of.method } })
