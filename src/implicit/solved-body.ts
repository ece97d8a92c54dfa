/** What stands inside a solve at its solution: where to look for what is wrong with one. */
import { type Equation, type Graph, type SolveStatus, solveStatuses } from "../core/index.js"
import type { FixedPointParams } from "./fixed-point-params.js"
import { type LinearSolveParams, operatorOnColumns } from "./linear-solve-params.js"
import type { Solver } from "./spec/index.js"

/** The function of a solve, applied once at the solution. */
export interface SolvedBody<V> {
  /** (constants, state) -> state */
  readonly body: Graph
  readonly constants: readonly V[]
  /** The solution. */
  readonly state: readonly V[]
  /** Status and residual, one a row. */
  readonly status: V
  readonly residual: V
  /** How a fixed point was sought; null for linear systems. */
  readonly solver: Solver | null
}

/**
 * The body of `fixedPoint` or `linearSolve` with what it is given at the solution, from the application's inputs and outputs; null for
 * other ops.
 *
 * @example
 * solvedBody(equation, inputs, outputs)?.status
 */
export const solvedBody = <V>(
  { op, params }: Pick<Equation, "op" | "params">,
  inputs: readonly V[],
  outputs: readonly V[],
): SolvedBody<V> | null => {
  const made = (body: Graph, constants: number, leaves: number, solver: Solver | null): SolvedBody<V> => ({
    body,
    constants: inputs.slice(0, constants),
    state: outputs.slice(0, leaves),
    status: outputs[leaves] as V,
    residual: outputs[leaves + 1] as V,
    solver,
  })
  if (op.name === "fixedPoint") {
    const { f, constants, emitted, solver } = params as FixedPointParams
    return made(f, constants.length, f.outputs.length - emitted, solver)
  }
  if (op.name === "linearSolve") {
    const p = params as LinearSolveParams
    return made(operatorOnColumns(p), p.constants, p.operator.outputs.length - p.emitted, null)
  }
  return null
}

/**
 * The worst status of a solve's rows, which are given by their numbers in `solveStatuses`.
 *
 * @example
 * worstStatus([1, 4, 2]) // "Diverged"
 */
export const worstStatus = (rows: ArrayLike<number>): SolveStatus =>
  solveStatuses[Array.from(rows).reduce((a, b) => Math.max(a, b), 0)] as SolveStatus
