/** A graph: a closed function as plain data. Variables are numbers; inputs come first, captured values before arguments. */
import type { Line } from "../location.js"
import type { AnyOp } from "../op.js"
import type { TensorType } from "../tensor/types.js"

/** One application of an op: variables by number, in and out. */
export interface Equation {
  readonly op: AnyOp
  readonly params: unknown
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
  /** Where in the user's code it was made; no part of what it is, and not stored. */
  readonly line?: Line
}

/** A closed function as plain data. Variables are numbers, inputs first; equations stand in an order in which they can be run. */
export interface Graph {
  /** Types of all variables. */
  readonly types: readonly TensorType[]
  /** Variables 0 to inputs - 1. */
  readonly inputs: number
  readonly equations: readonly Equation[]
  readonly outputs: readonly number[]
}

/**
 * The type of a variable.
 *
 * @example
 * const { graph } = closeExpression([add(tensor([1, 2]), tensor([3, 4]))])
 * showType(typeOf(graph, 0)) // "float[2]"
 */
export const typeOf = (graph: Graph, variable: number): TensorType => graph.types[variable] as TensorType
/**
 * Types of the inputs, captured values first.
 *
 * @example
 * const { graph } = closeExpression([sum(tensor([1, 2]))])
 * inputTypes(graph).map(showType) // ["float[2]"]
 */
export const inputTypes = (graph: Graph): readonly TensorType[] => graph.types.slice(0, graph.inputs)
/**
 * Types of the outputs.
 *
 * @example
 * const { graph } = closeExpression([sum(tensor([1, 2]))])
 * outputTypes(graph).map(showType) // ["float[]"]
 */
export const outputTypes = (graph: Graph): readonly TensorType[] => graph.outputs.map((v) => typeOf(graph, v))
