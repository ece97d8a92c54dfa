/** Running what a law talks about: on the interpreter, in float64, which is the oracle of every test. */
import { closeBody, closeExpression, constant, constantData, TraceError, type AnyTensor, type Graph, type TensorType } from "../core/index.js"
import { runGraph } from "../core/targets/interpreter/run.js"

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
  readonly run: (inputs: Values) => Values
}

const never = { cancelled: false }

const leaf = (t: AnyTensor): Float64Array => {
  const data = constantData(t)
  if (data === null)
    throw new TraceError("laws: a function under test used a value that is not known yet; laws run whole programs: draw it from an arbitrary, or make it inside")
  return data
}

/** Closes a function; what it captures must be data. */
export const runnable = ({ inputs, apply }: Fn): Runnable => {
  const { graph, captured } = closeBody("laws", inputs, apply)
  const fixed = captured.map(leaf)
  return {
    graph,
    outputs: graph.outputs.map((v) => graph.types[v] as TensorType),
    run: (values) => runGraph(graph, [...fixed, ...values], never),
  }
}

/** Values of expressions over data. */
export const valuesOf = (tensors: readonly AnyTensor[]): Values => {
  const { graph, captured } = closeExpression(tensors)
  return runGraph(graph, captured.map(leaf), never)
}

/** Data as leaves. */
export const leaves = (types: readonly TensorType[], values: Values): readonly AnyTensor[] =>
  types.map((t, i) => constant(t, values[i] as Float64Array))
