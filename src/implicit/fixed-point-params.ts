import type { Graph } from "../core/index.js"
import type { Solver } from "./spec.js"

/** Inputs: constants (what f captured), then the initial state. Outputs: the state, then status, residual, evaluations a row, then what f emits. */
export interface FixedPointParams {
  /** (constants, z) -> z, and then what its own solves emit. */
  readonly f: Graph
  readonly constants: number
  readonly rows: number
  readonly solver: Solver
  readonly site: string
  readonly emitted: number
}
