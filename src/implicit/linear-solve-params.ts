import { batchBody, type Graph, inputTypes } from "../core/index.js"
import type { LinearSolver, Policy } from "./spec/index.js"

/** Inputs: constants of the operator, then b. Outputs: x, then status, residual and evaluations, then what the operator emits. */
export interface LinearSolveParams {
  /** (constants, x) -> M x, and then what its own solves emit. */
  readonly operator: Graph
  readonly constants: number
  /** Sizes of leading axes that x and b have and the operator does not: right sides of one and the same system. */
  readonly columns: readonly number[]
  /** Row axes after the columns: each row is a system of its own. */
  readonly rows: number
  readonly solver: LinearSolver
  readonly policy: Policy
  readonly site: string
  readonly emitted: number
}

/** The operator on all columns at once; the constants stay shared. */
export const operatorOnColumns = (p: Pick<LinearSolveParams, "operator" | "columns" | "constants">): Graph =>
  p.columns.reduceRight(
    (operator, size) =>
      batchBody(
        "linearSolve",
        operator,
        inputTypes(operator).map((_, i) => i >= p.constants),
        size,
        "all",
      ).graph,
    p.operator,
  )
