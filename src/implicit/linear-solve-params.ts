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

/** Inputs: constants of the operator, then b. Outputs: x, then status, residual and evaluations, then what the operator emits. */
export interface LinearSolveParams {
  /** (constants, x) -> M x, and then what its own solves emit. */
  readonly operator: Graph
  readonly constants: number
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

/** (constants, y) -> M' y. */
export const transposedOperator = ({
  operator,
  constants,
  emitted,
}: Pick<LinearSolveParams, "operator" | "constants" | "emitted">): Graph => {
  const n = operator.outputs.length - emitted
  const types = outputTypes(operator).slice(0, n)
  return bodyOf("linearSolve", [...inputTypes(operator).slice(0, constants), ...types], (args) => {
    const leaves = types.map((t) => placeholder(t, "linearSolve"))
    const outs = inline(operator, [...args.slice(0, constants), ...leaves])
    return transposeDag(leaves, outs.slice(0, n), args.slice(constants)).map((t, i) => t ?? zerosOf(types[i] as TensorType))
  })
}
