/** A graph as text: one line an equation, with types; bodies are indented under the equation that they belong to. */
import { showType } from "../tensor/types.js"
import { bodiesOf } from "./bodies.js"
import { type Equation, type Graph, typeOf } from "./graph.js"
import { isGraph } from "./is-graph.js"

const showParam = (x: unknown): string => {
  if (typeof x === "number") return Object.is(x, -0) ? "-0" : String(x)
  if (typeof x === "string") return JSON.stringify(x)
  if (typeof x !== "object" || x === null) return String(x)
  if (isGraph(x)) return "(below)"
  if (Array.isArray(x)) return `[${x.map(showParam).join(", ")}]`
  return `{${entries(x)}}`
}

const entries = (x: object): string =>
  Object.entries(x)
    .map(([k, v]) => `${k}: ${showParam(v)}`)
    .join(", ")

const showParams = (params: unknown): string =>
  params === null || params === undefined
    ? ""
    : typeof params === "object" && !Array.isArray(params) && !isGraph(params)
      ? ` {${entries(params)}}`
      : ` ${showParam(params)}`

const variable = (graph: Graph, v: number) => `%${v}: ${showType(typeOf(graph, v))}`

const equation = (graph: Graph, e: Equation, indent: string, lines: string[]): void => {
  const outputs = e.outputs.map((v) => variable(graph, v)).join(", ")
  lines.push(`${indent}${outputs} = ${e.op.name}${showParams(e.params)} ${e.inputs.map((v) => `%${v}`).join(" ")}`.trimEnd())
  for (const { path, body } of bodiesOf(e.params)) {
    lines.push(`${indent}  ${path}:`)
    print(body, `${indent}    `, lines)
  }
}

const print = (graph: Graph, indent: string, lines: string[]): void => {
  const inputs = graph.types.slice(0, graph.inputs).map((_, v) => variable(graph, v))
  lines.push(`${indent}(${inputs.join(", ")}) ->`)
  for (const e of graph.equations) equation(graph, e, `${indent}  `, lines)
  lines.push(`${indent}  return ${graph.outputs.map((v) => `%${v}`).join(" ")}`.trimEnd())
}

/**
 * A graph as text, one line an equation with its types; bodies are indented under the equation that they belong to.
 *
 * @example
 * printGraph(graph)
 * // (%0: float[2], %1: float[2]) ->
 * //   %2: float[2] = mul %0 %1
 * //   return %2
 */
export const printGraph = (graph: Graph): string => {
  const lines: string[] = []
  print(graph, "", lines)
  return lines.join("\n")
}
