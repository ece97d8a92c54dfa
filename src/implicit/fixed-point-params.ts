import type { Graph } from "../core/index.js"
import type { Solver } from "./spec/index.js"

/** Inputs: constants (what f captured), then the initial state. Outputs: the state, then status, residual, evaluations a row, for `shine` the Broyden pairs, then what f emits. */
export interface FixedPointParams {
  /** (constants, z) -> z, and then what its own solves emit. */
  readonly f: Graph
  /** How many of the row axes each constant carries in front. Rows that `perRow` named are the state's alone: its constants have none. */
  readonly constants: readonly number[]
  readonly rows: number
  readonly solver: Solver
  readonly site: string
  readonly emitted: number
}
