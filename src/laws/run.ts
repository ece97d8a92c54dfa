/** Running what a law talks about: on the interpreter, in float64, which is the oracle of every test. */
import { type AnyTensor, closeBody, constant, evaluate, type Graph, inline, type TensorType, toArray } from "../core/index.js"

export type Values = readonly Float64Array[]

/** A function of tensors, with the types of its inputs. */
export interface Fn {
  readonly inputs: readonly TensorType[]
  readonly apply: (inputs: readonly AnyTensor[]) => readonly AnyTensor[]
}

/** A function closed once, to be run many times. */
export interface Runnable {
  readonly graph: Graph
  readonly outputs: readonly TensorType[]
  /** Throws what the run was refused for: a solve that did not converge, a value that is not known. */
  readonly run: (inputs: Values) => Values
}

/** Why a run gave no values, as `evaluate` tells it. */
export class RunRefused extends Error {
  override readonly name = "RunRefused"
}

/** Values of expressions over data. */
export const valuesOf = (tensors: readonly AnyTensor[]): Values => {
  const outcome = evaluate(tensors)
  if (outcome._tag === "Left") throw new RunRefused(outcome.left.message)
  return (outcome.right as readonly AnyTensor[]).map(toArray)
}

/** Data as leaves. */
export const leaves = (types: readonly TensorType[], values: Values): readonly AnyTensor[] =>
  types.map((t, i) => constant(t, values[i] as Float64Array))

/** Closes a function; what it captures must be data when it is run. */
export const runnable = ({ inputs, apply }: Fn): Runnable => {
  const { graph, captured } = closeBody("laws", inputs, apply)
  return {
    graph,
    outputs: graph.outputs.map((v) => graph.types[v] as TensorType),
    run: (values) => valuesOf(inline(graph, [...captured, ...leaves(inputs, values)])),
  }
}
