/** Graphs inside the parameters of an equation. Parameters are plain data, so bodies are found by walking it. */
import type { Graph } from "./graph.js"
import { isGraph } from "./is-graph.js"

const isPlain = (x: object): boolean => {
  const proto = Object.getPrototypeOf(x)
  return proto === Object.prototype || proto === null
}

/**
 * Parameters with `f` of each body in its place; the same object where no body changed.
 *
 * @example
 * const body = bodyOf("f", [{ elem: "float", shape: [2] }], ([x]) => [add(x, 0)])
 * const params = mapBodies({ turns: 3, body }, simplifyGraph) as { readonly body: Graph }
 * params.body.equations.length // 0
 */
export const mapBodies = (params: unknown, f: (body: Graph) => Graph): unknown => {
  if (typeof params !== "object" || params === null) return params
  if (isGraph(params)) return f(params)
  if (Array.isArray(params)) {
    const mapped = params.map((x) => mapBodies(x, f))
    return mapped.some((x, i) => x !== params[i]) ? mapped : params
  }
  if (!isPlain(params)) return params
  const entries = Object.entries(params).map(([k, x]) => [k, mapBodies(x, f)] as const)
  return entries.some(([k, x]) => x !== (params as Record<string, unknown>)[k]) ? Object.fromEntries(entries) : params
}

/** The bodies in parameters with where they stand (`body`, `branches[0]`), in order. */
export const bodiesOf = (params: unknown): readonly { readonly path: string; readonly body: Graph }[] => {
  const found: { readonly path: string; readonly body: Graph }[] = []
  const go = (x: unknown, path: string): void => {
    if (typeof x !== "object" || x === null) return
    if (isGraph(x)) found.push({ path, body: x })
    else if (Array.isArray(x)) x.forEach((item, i) => void go(item, `${path}[${i}]`))
    else if (isPlain(x)) for (const [k, item] of Object.entries(x)) go(item, path === "" ? k : `${path}.${k}`)
  }
  go(params, "")
  return found
}
