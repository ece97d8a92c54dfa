/** Whether data that claims to be a graph is one: variables are defined before use, and types are what the ops say. */
import * as E from "fp-ts/lib/Either.js"
import { TraceError } from "../errors.js"
import { sameType, showType, type TensorType } from "../tensor/types.js"
import { bodiesOf } from "./bodies.js"
import type { Equation, Graph } from "./graph.js"

/** Data that claims to be a graph is none: `message` says which equation is wrong, and how. */
export interface GraphError {
  readonly _tag: "GraphError"
  readonly message: string
}

/** Bodies nest this deep at most. */
const MAX_DEPTH = 64

const fault = (where: string, message: string): string => `${where}: ${message}`

const isType = ({ elem, shape }: TensorType): boolean => typeof elem === "string" && Array.isArray(shape)

const checkEquation = (graph: Graph, e: Equation, where: string, defined: (v: number) => boolean): string | null => {
  const missing = e.inputs.find((v) => !defined(v))
  if (missing !== undefined) return fault(where, `variable ${missing} is used before it is defined`)
  const inputs = e.inputs.map((v) => graph.types[v] as TensorType)
  let made: readonly TensorType[]
  try {
    made = e.op.type(e.params, inputs)
    if (!made.every(isType)) return fault(where, `the parameters of ${e.op.name} give no type`)
  } catch (error) {
    if (error instanceof TraceError) return fault(where, error.message)
    return fault(where, `the parameters of ${e.op.name} can't be read (${String(error)})`)
  }
  if (made.length !== e.outputs.length) return fault(where, `${e.op.name} has ${made.length} outputs, ${e.outputs.length} are named`)
  const odd = e.outputs.findIndex((v, i) => graph.types[v] === undefined || !sameType(graph.types[v], made[i] as TensorType))
  if (odd < 0) return null
  const stored = graph.types[e.outputs[odd] as number]
  return fault(
    where,
    `${e.op.name} gives ${showType(made[odd] as TensorType)}, the graph says ${stored === undefined ? "nothing" : showType(stored)}`,
  )
}

const check = (graph: Graph, where: string, depth: number): string | null => {
  if (depth > MAX_DEPTH) return fault(where, `bodies are nested more than ${MAX_DEPTH} deep`)
  const known = new Uint8Array(graph.types.length)
  if (graph.inputs > graph.types.length)
    return fault(where, `${graph.inputs} inputs are claimed, ${graph.types.length} variables have types`)
  known.fill(1, 0, graph.inputs)
  const defined = (v: number) => known[v] === 1
  for (const [n, e] of graph.equations.entries()) {
    const at = `${where}equation ${n} (${e.op.name})`
    for (const { path, body } of bodiesOf(e.params)) {
      const inner = check(body, `${at}, ${path}, `, depth + 1)
      if (inner !== null) return inner
    }
    const found = checkEquation(graph, e, at, defined)
    if (found !== null) return found
    for (const v of e.outputs) {
      if (defined(v)) return fault(at, `variable ${v} is defined twice`)
      known[v] = 1
    }
  }
  const missing = graph.outputs.find((v) => !defined(v))
  return missing === undefined ? null : fault(`${where}outputs`, `variable ${missing} is never defined`)
}

/**
 * The graph itself where it is well-formed; else what is wrong, and where.
 *
 * @example
 * const { graph } = closeExpression([add(tensor(1), tensor(2))])
 * checkGraph(graph)._tag // "Right"
 * checkGraph({ ...graph, outputs: [7] }) // Left(GraphError): outputs: variable 7 is never defined
 */
export const checkGraph = (graph: Graph): E.Either<GraphError, Graph> => {
  const message = check(graph, "", 0)
  return message === null ? E.right(graph) : E.left({ _tag: "GraphError", message })
}
