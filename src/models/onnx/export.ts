/** A function as an ONNX model: traced, its constants computed, converted, written. */
import * as E from "fp-ts/lib/Either.js"
import {
  type AnyTensor,
  constantData,
  type Emission,
  evaluate,
  flatten,
  flattenWith,
  type Graph,
  harvestGraph,
  type NotExportable,
  physicalShape,
  type RunError,
  simplifyGraph,
  sizeOf,
  TraceError,
  traceTree,
  unflatten,
  withLines,
} from "../../core/index.js"
import { openBuilder } from "./builder.js"
import { convertGraph, Unsayable } from "./convert.js"
import { type Entry, fullValue, kindOf, knownEntry, valueEntry } from "./entries.js"
import { encodeModel } from "./messages.js"

/** How exporting can fail. */
export type ExportError = RunError | NotExportable

/** Options of `exportOnnx`. */
export interface ExportOptions {
  /** A tree of tensors that the function uses. They become initializers under their paths, such as `encoder[0].w`. */
  readonly parameters?: unknown
  /** The type of floats. Default "float32", which every runtime has. */
  readonly precision?: "float32" | "float64"
  /** What the file says about itself, by name. */
  readonly notes?: Readonly<Record<string, string>>
}

/** A path without what leads to the tree, or a name for a tree that is one leaf. */
const named = (path: string, alone: string): string => (path === "" ? alone : path.replace(/^\./, ""))

/** What a user's function throws, as the language's own exception. */
const told = (name: string, error: unknown): TraceError =>
  error instanceof TraceError
    ? error
    : new TraceError(
        `exportOnnx of ${name}: the function threw while it was traced: ${error instanceof Error ? error.message : String(error)}`,
      )

/** The function traced at the inputs, with the names of what goes in and comes out. */
const trace = (name: string, f: (inputs: never) => unknown, inputs: unknown) => {
  const call = (...[given]: readonly never[]): unknown => {
    try {
      return f(given as never)
    } catch (error) {
      throw told(name, error)
    }
  }
  const traced = withLines(() => traceTree(`exportOnnx of ${name}`, call, [inputs]))
  const numbers = traced.graph.outputs.map((_, i) => i)
  const results = flattenWith("the outputs", unflatten(traced.result, numbers), (x) => (typeof x === "number" ? x : null))
  const inputNames = traced.args.paths.map((path) => named(path.replace(/^\[0\]/, ""), "input"))
  const outputNames = results.paths.map((path) => named(path, "output"))
  const all = [...inputNames, ...outputNames]
  const twice = all.find((one, i) => all.indexOf(one) !== i)
  if (twice !== undefined)
    throw new TraceError(`exportOnnx of ${name}: two inputs or outputs are called "${twice}"; ONNX tells them apart by name`)
  return { ...traced, inputNames, outputNames }
}

/** What a solve tells: how it ended, and its residual. Other numbers of it, and what taps saw, are left out. */
const TOLD = ["status", "residual"] as const

/** The graph with what its solves tell as further outputs, simplified, and their names. */
const withStatuses = (graph: Graph) => {
  const { graph: harvested, emissions } = harvestGraph(graph)
  let next = graph.outputs.length
  const told = emissions.flatMap((emission: Emission) => {
    const places = emission.types.map((_, i) => harvested.outputs[next + i] as number)
    next += places.length
    return emission.kind === "solve" ? TOLD.map((what, i) => ({ name: `${emission.site}.${what}`, variable: places[i] as number })) : []
  })
  const outputs = [...harvested.outputs.slice(0, graph.outputs.length), ...told.map(({ variable }) => variable)]
  return { graph: simplifyGraph({ ...harvested, outputs }), names: told.map(({ name }) => name) }
}

/** Numbers of captured tensors; what is no leaf is computed. */
const dataOf = (captured: readonly AnyTensor[]): E.Either<RunError, readonly Float64Array[]> =>
  E.map((leaves: readonly AnyTensor[]) => leaves.map((t) => constantData(t) as Float64Array))(evaluate(captured))

const convert = (
  name: string,
  f: (inputs: never) => unknown,
  inputs: unknown,
  options: ExportOptions,
): E.Either<ExportError, Uint8Array<ArrayBuffer>> => {
  const { parameters = null, precision = "float32", notes = {} } = options
  const { graph: whole, captured, args, inputNames, outputNames } = trace(name, f, inputs)
  const data = dataOf(captured)
  if (E.isLeft(data)) return data
  const { graph, names: statusNames } = withStatuses(whole)
  const tree = flatten("exportOnnx: the parameters", parameters)
  const paths = new Map(tree.leaves.map((t, i) => [t, named(tree.paths[i] as string, "parameter")]))
  const b = openBuilder(precision, [...inputNames, ...outputNames])
  const statuses = statusNames.map(b.fresh)
  const used = new Set([...graph.equations.flatMap((e) => e.inputs), ...graph.outputs])
  const fixed = captured.map((t, i): Entry => {
    const [path, numbers] = [paths.get(t), data.right[i] as Float64Array]
    if (path === undefined || !used.has(i)) return knownEntry(numbers, t.type)
    return valueEntry(b.parameter(b.fresh(path), kindOf(t.type), physicalShape(t.type), numbers), t.type)
  })
  const given = args.leaves.map((t, i) => ({ name: inputNames[i] as string, kind: kindOf(t.type), shape: physicalShape(t.type), depth: 0 }))
  const entries = given.map((value, i) => valueEntry(value, (args.leaves[i] as AnyTensor).type))
  const made = convertGraph(b, graph, [...fixed, ...entries]).map((entry) => fullValue(b, entry))
  const file = encodeModel(
    b.finish(
      name,
      given,
      made.map((value, i) => [[...outputNames, ...statuses][i] as string, value]),
    ),
    "stillpoint",
    notes,
  )
  if (file !== null) return E.right(file)
  const elements = captured.reduce((n, t) => n + sizeOf(t.shape), 0)
  return E.left({
    _tag: "NotExportable",
    op: null,
    types: "",
    at: null,
    message: `onnx: ${name} would be larger than the 2 GiB that an ONNX file may have (its parameters and constants have ${elements} elements); export its parts, or with fewer images at once`,
  })
}

const refusal = (name: string, { op, types, at, message }: Unsayable): NotExportable => ({
  _tag: "NotExportable",
  op,
  types,
  at,
  message: `onnx: ${name} can't be exported: ${op} ${types}: ${message}${at === null ? "" : `\n    at ${at}`}`,
})

/**
 * The function `f` as the bytes of an ONNX file (opset 17). It is traced at `inputs`, a tree of tensors of which only the types
 * count; all shapes are fixed. Names of inputs and outputs are paths in the trees, such as `images`; a tree that is one tensor is called
 * `input`, `output`. What depends on no input is computed now: close `f` over the key of what it draws. Whole numbers become 64-bit ones.
 *
 * How a solve ended is an output too, `SITE.status` (its place in `solveStatuses`) and `SITE.residual`: a runtime does not refuse an answer
 * that did not converge.
 *
 * `Left` with an op that ONNX has no counterpart for and the line where it was made, or with what `f` throws.
 *
 * @example
 * const w = tensor([[1, 2], [3, 4]])
 * const file = exportOnnx("layer", (x: Tensor<[1, 2]>) => ({ y: matmul(x, w) }), zeros([1, 2]), { parameters: { w } })
 * file._tag // "Right"
 */
export const exportOnnx = <I>(
  name: string,
  f: (inputs: I) => unknown,
  inputs: I,
  options: ExportOptions = {},
): E.Either<ExportError, Uint8Array<ArrayBuffer>> => {
  try {
    return convert(name, f, inputs, options)
  } catch (error) {
    if (error instanceof Unsayable) return E.left(refusal(name, error))
    if (error instanceof TraceError) {
      const { message, at } = error
      return E.left({ _tag: "TraceError", message: at === null ? message : `${message}\n    at ${at}`, at })
    }
    throw error
  }
}
