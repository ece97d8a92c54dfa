/**
 * Graphs as JSON and back. Numbers that JSON lacks (NaN, the infinities, -0) are written as tagged strings; ops by their names.
 * What comes in is checked before it is believed: shape by io-ts, then variables and types by `checkGraph`.
 */
import * as E from "fp-ts/lib/Either.js"
import { pipe } from "fp-ts/lib/function.js"
import * as t from "io-ts"
import { type AnyOp, ops } from "../op.js"
import { shown } from "../shown.js"
import { checkGraph } from "./check.js"
import type { Graph } from "./graph.js"
import { isGraph } from "./is-graph.js"

/** Data from outside is not what it should be: `message` says where, what was expected and what was found. */
export interface DecodeError {
  readonly _tag: "DecodeError"
  readonly message: string
}

const failed = (message: string): E.Either<DecodeError, never> => E.left({ _tag: "DecodeError", message })

/** Most variables of one graph, and most elements of one shape: no allocation follows from a claim above them. */
const MAX_VARIABLES = 10_000_000
const MAX_AXES = 64
const MAX_DEPTH = 64
const VERSION = 1

const whole = new t.Type<number, number, unknown>(
  "a whole number from 0 to 2^53",
  t.number.is,
  (u, c) => (Number.isSafeInteger(u) && (u as number) >= 0 && !Object.is(u, -0) ? t.success(u as number) : t.failure(u, c)),
  t.identity,
)

const typeCodec = t.exact(t.type({ elem: t.keyof({ float: null, int: null, bool: null, key: null }), shape: t.readonlyArray(whole) }))
const equationCodec = t.exact(t.type({ op: t.string, params: t.unknown, inputs: t.readonlyArray(whole), outputs: t.readonlyArray(whole) }))
const graphCodec = t.exact(
  t.type({ types: t.readonlyArray(typeCodec), inputs: whole, equations: t.readonlyArray(equationCodec), outputs: t.readonlyArray(whole) }),
)
const documentCodec = t.exact(t.type({ stillpoint: t.literal("graph"), version: t.literal(VERSION), graph: t.unknown }))

/**
 * JSON of a graph: `{ "stillpoint": "graph", "version": 1, "graph": ... }`.
 *
 * @example
 * const { graph } = closeExpression([add(tensor(1), tensor(2))])
 * const text = JSON.stringify(encodeGraph(graph))
 */
export const encodeGraph = (graph: Graph): unknown => ({ stillpoint: "graph", version: VERSION, graph: encode(graph) })

const encode = (graph: Graph): unknown => ({
  types: graph.types.map(({ elem, shape }) => ({ elem, shape })),
  inputs: graph.inputs,
  equations: graph.equations.map((e) => ({ op: e.op.name, params: encodeValue(e.params), inputs: e.inputs, outputs: e.outputs })),
  outputs: graph.outputs,
})

const encodeValue = (x: unknown): unknown => {
  if (typeof x === "number") return Number.isFinite(x) && !Object.is(x, -0) ? x : { $number: Object.is(x, -0) ? "-0" : String(x) }
  if (x === null || typeof x !== "object") return x
  if (Array.isArray(x)) return x.map(encodeValue)
  if (isGraph(x)) return { $graph: encode(x) }
  return Object.fromEntries(Object.entries(x).map(([k, v]) => [k, encodeValue(v)]))
}

/**
 * The graph that JSON stands for, checked. Unknown ops, bad variables and wrong types are refused with their place.
 *
 * @example
 * const { graph } = closeExpression([add(tensor(1), tensor(2))])
 * decodeGraph(JSON.parse(JSON.stringify(encodeGraph(graph))))._tag // "Right"
 * decodeGraph(7) // Left(DecodeError): expected a stored graph of version 1, found 7
 */
export const decodeGraph = (json: unknown): E.Either<DecodeError, Graph> =>
  pipe(
    documentCodec.decode(json),
    E.mapLeft((): DecodeError => ({ _tag: "DecodeError", message: `expected a stored graph of version ${VERSION}, found ${shown(json)}` })),
    E.chain((document) => decode(document.graph, "graph", 0)),
    E.chain((graph) =>
      pipe(
        checkGraph(graph),
        E.mapLeft((e): DecodeError => ({ _tag: "DecodeError", message: `the stored graph is not well-formed: ${e.message}` })),
      ),
    ),
  )

const decode = (json: unknown, where: string, depth: number): E.Either<DecodeError, Graph> => {
  if (depth > MAX_DEPTH) return failed(`${where}: bodies are nested more than ${MAX_DEPTH} deep`)
  const read = graphCodec.decode(json)
  if (E.isLeft(read)) {
    const path = read.left[0]?.context.map((c) => c.key).filter((k) => k !== "")
    return failed(
      `${where}: expected a graph (types, inputs, equations, outputs); ${path?.join(".") ?? ""} is ${shown(read.left[0]?.value)}`,
    )
  }
  const { types, inputs, equations, outputs } = read.right
  if (types.length > MAX_VARIABLES) return failed(`${where}: ${types.length} variables, more than the ${MAX_VARIABLES} that are read`)
  if (types.some((type) => type.shape.length > MAX_AXES)) return failed(`${where}: a shape has more than ${MAX_AXES} axes`)
  const made: Graph["equations"][number][] = []
  for (const [n, e] of equations.entries()) {
    const op: AnyOp | undefined = ops().get(e.op)
    if (op === undefined) return failed(`${where}: equation ${n} uses the op "${e.op}", which is not defined here; import what defines it`)
    const params = decodeValue(e.params, `${where}, equation ${n} (${e.op})`, depth)
    if (E.isLeft(params)) return params
    made.push({ op, params: params.right, inputs: e.inputs, outputs: e.outputs })
  }
  return E.right({ types, inputs, equations: made, outputs })
}

const SPECIAL: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
  "-0": -0,
}

const decodeValue = (x: unknown, where: string, depth: number): E.Either<DecodeError, unknown> => {
  if (depth > MAX_DEPTH) return failed(`${where}: parameters are nested more than ${MAX_DEPTH} deep`)
  if (x === null || typeof x !== "object") return E.right(x)
  if (Array.isArray(x)) {
    const items: unknown[] = []
    for (const item of x) {
      const made = decodeValue(item, where, depth + 1)
      if (E.isLeft(made)) return made
      items.push(made.right)
    }
    return E.right(items)
  }
  if (Object.hasOwn(x, "$graph")) return decode((x as { readonly $graph: unknown }).$graph, where, depth + 1)
  if (Object.hasOwn(x, "$number")) {
    const name = (x as { readonly $number: unknown }).$number
    return typeof name === "string" && Object.hasOwn(SPECIAL, name)
      ? E.right(SPECIAL[name])
      : failed(`${where}: ${shown(name)} is no special number`)
  }
  const made: [string, unknown][] = []
  for (const [k, v] of Object.entries(x)) {
    const value = decodeValue(v, where, depth + 1)
    if (E.isLeft(value)) return value
    made.push([k, value.right])
  }
  // fromEntries defines properties: a key "__proto__" stays data
  return E.right(Object.fromEntries(made))
}
