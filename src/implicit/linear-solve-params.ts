import {
  batchBody,
  bodyOf,
  type Graph,
  inline,
  inputTypes,
  outputTypes,
  placeholder,
  type TensorType,
  transposeDag,
  zerosOf,
} from "../core/index.js"
import type { AnyLinearSolver, Policy, Structure } from "./spec/index.js"

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
  readonly solver: AnyLinearSolver
  /** What the caller says of the operator. */
  readonly structure: Structure
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

/** A graph of (constants, x), linear in `count` leaves of x, transposed: its first `count` outputs are what it is taken to give. */
export const transposedGraph = (graph: Graph, constants: number, count: number): Graph => {
  const types = outputTypes(graph).slice(0, count)
  return bodyOf("linearSolve", [...inputTypes(graph).slice(0, constants), ...types], (args) => {
    const leaves = types.map((t) => placeholder(t, "linearSolve"))
    const outs = inline(graph, [...args.slice(0, constants), ...leaves])
    return transposeDag(leaves, outs.slice(0, count), args.slice(constants)).map((t, i) => t ?? zerosOf(types[i] as TensorType))
  })
}

/** (constants, y) -> M' y. */
export const transposedOperator = ({
  operator,
  constants,
  emitted,
}: Pick<LinearSolveParams, "operator" | "constants" | "emitted">): Graph =>
  transposedGraph(operator, constants, operator.outputs.length - emitted)
