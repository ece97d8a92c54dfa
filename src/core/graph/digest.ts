/**
 * Equality of equations, by text. A body's text is long and shared by many equations, so it is replaced by a digest that is
 * computed once a graph.
 */
import type { AnyOp } from "../op.js"
import type { Graph } from "./graph.js"
import { isGraph } from "./is-graph.js"

/** 2 x 32 bits of FNV-like mixing; graphs in one program would have to collide in both. */
const hash = (text: string): string => {
  let a = 0x811c9dc5
  let b = 0x9e3779b9
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    a = Math.imul(a ^ c, 0x01000193)
    b = Math.imul(b ^ c, 0x85ebca6b)
    b ^= b >>> 13
  }
  return `${(a >>> 0).toString(36)}.${(b >>> 0).toString(36)}.${text.length.toString(36)}`
}

const digests = new WeakMap<Graph, string>()

/** Equal for graphs that are equal as data. */
export const digest = (graph: Graph): string => {
  const known = digests.get(graph)
  if (known !== undefined) return known
  const lines = graph.equations.map((e) => `${equationKey(e.op, e.params, e.inputs)}>${e.outputs.join()}`)
  const types = graph.types.slice(0, graph.inputs).map((t) => `${t.elem}[${t.shape.join()}]`)
  const made = hash(`${types.join()};${lines.join(";")};${graph.outputs.join()}`)
  digests.set(graph, made)
  return made
}

const show = (x: unknown): string => {
  if (typeof x === "number") return Object.is(x, -0) ? "-0" : String(x)
  if (x === null || typeof x !== "object") return typeof x === "string" ? JSON.stringify(x) : String(x)
  if (Array.isArray(x)) return `[${x.map(show).join()}]`
  if (isGraph(x)) return `<${digest(x)}>`
  return `{${Object.keys(x)
    .sort()
    .map((k) => `${k}:${show((x as Record<string, unknown>)[k])}`)
    .join()}}`
}

/** Equal for equations that compute the same. */
export const equationKey = (op: AnyOp, params: unknown, inputs: readonly number[]): string =>
  `${op.name}${show(op.identity === undefined ? params : op.identity(params))}(${inputs.join()})`
