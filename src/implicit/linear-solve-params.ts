import { batchBody, type Graph, inputTypes } from "../core/index.js"
import type { LinearSolver, Policy } from "./spec/index.js"

/** A guess at the solution, linear in the right side: where a solve starts, or ends where the guess is good enough. */
export interface LinearStart {
  /** (constants, b) -> x */
  readonly graph: Graph
  /** The residual, as a share of |b|, up to which the guess is taken for the solution. */
  readonly share: number
}

/** Inputs: constants of the operator, then b. Outputs: x, then status, residual and evaluations, then what the operator emits. */
export interface LinearSolveParams {
  /** (constants, x) -> M x, and then what its own solves emit. */
  readonly operator: Graph
  readonly constants: number
  /** What is tried before; transposed with the operator. */
  readonly start: LinearStart | null
  /** Sizes of leading axes that x and b have and the operator does not: right sides of one and the same system. */
  readonly columns: readonly number[]
  /** Row axes after the columns: each row is a system of its own. */
  readonly rows: number
  readonly solver: LinearSolver
  readonly policy: Policy
  readonly site: string
  readonly emitted: number
}

type OnColumns = Pick<LinearSolveParams, "columns" | "constants">

/** A graph of (constants, x) on all columns at once; the constants stay shared. */
export const onColumns = (graph: Graph, { columns, constants }: OnColumns): Graph =>
  columns.reduceRight(
    (made, size) =>
      batchBody(
        "linearSolve",
        made,
        inputTypes(made).map((_, i) => i >= constants),
        size,
        "all",
      ).graph,
    graph,
  )

/** The operator on all columns at once. */
export const operatorOnColumns = (p: OnColumns & Pick<LinearSolveParams, "operator">): Graph => onColumns(p.operator, p)
