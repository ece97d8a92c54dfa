/** A model as a table: its parts, what they give, and what they cost. */
import { type AnyTensor, isTensor, zerosOf } from "../../core/index.js"
import { key } from "../../ops/index.js"
import { countNumbers, flopsOn, standIns } from "./counting.js"
import { applyIn, type Context, type UncheckedLayer } from "./layer.js"
import type { InputTypes } from "./registry.js"

/** One layer or part in a summary. */
export interface SummaryRow {
  /** Names of the parts that lead here, by dots; empty for the model itself. */
  readonly path: string
  readonly kind: string
  /** Shapes of what it gives, in the tree that it gives. */
  readonly output: string
  readonly parameters: number
  readonly flops: number
  /** Whether loops of unknown length were counted once. */
  readonly atLeast: boolean
}

/** `{h: [8, 64], c: [8, 64]}` */
const showShapes = (tree: unknown): string => {
  if (tree === null) return "null"
  if (isTensor(tree)) return `${tree.type.elem === "float" ? "" : tree.type.elem}[${tree.shape.join(", ")}]`
  if (Array.isArray(tree)) return `(${tree.map(showShapes).join(", ")})`
  return `{${Object.entries(tree as object)
    .map(([name, x]) => `${name}: ${showShapes(x)}`)
    .join(", ")}}`
}

/** A tree with stand-ins for its tensors: values made while a function was traced must not leave it. */
const typed = (tree: unknown): unknown => {
  if (tree === null || typeof tree === "number") return tree
  if (isTensor(tree)) return zerosOf((tree as AnyTensor).type)
  if (Array.isArray(tree)) return tree.map(typed)
  return Object.fromEntries(Object.entries(tree as object).map(([name, x]) => [name, typed(x)]))
}

interface Seen {
  readonly path: string
  readonly layer: UncheckedLayer
  readonly params: unknown
  readonly input: unknown
  output: string
}

/**
 * A row for the model and for each of its parts, in the order of their first application. A part of `repeat` is listed once, with the
 * parameters and operations of one turn; so is the map of a solve.
 *
 * @example
 * summaryRows(mlp(784, 64, 10), [32, 784]).map(({ path, parameters }) => [path, parameters])
 */
export const summaryRows = (
  layer: UncheckedLayer,
  input: InputTypes | readonly number[],
  mode: Context["mode"] = "eval",
): readonly SummaryRow[] => {
  const seen = new Map<string, Seen>()
  const observe: Context["observe"] = (application) => {
    const path = application.path.join(".")
    if (seen.has(path)) return () => {}
    const entry: Seen = {
      path,
      layer: application.layer as UncheckedLayer,
      params: typed(application.params),
      input: typed(application.input),
      output: "",
    }
    seen.set(path, entry)
    return (output) => {
      entry.output = showShapes(output)
    }
  }
  applyIn({ key: key(0), mode, observe }, layer, layer.init(key(0)), standIns(input))
  return [...seen.values()].map(({ path, layer: part, params, input: x, output }) => {
    const { total, atLeast } = flopsOn(part, params, x, mode)
    return { path, kind: part.spec._tag, output, parameters: countNumbers(params), flops: total, atLeast }
  })
}

const grouped = (n: number): string => String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ",")

/**
 * The model's parts as a table: path, kind, shape of the output, parameters, operations (those of `flops`; "+" where a loop's length is
 * not known). Nothing is computed.
 *
 * @example
 * console.log(summary(mlp(784, 64, 10), [32, 784]))
 */
export const summary = (layer: UncheckedLayer, input: InputTypes | readonly number[], mode: Context["mode"] = "eval"): string => {
  const head = ["part", "kind", "output", "parameters", "flops"]
  const rows = summaryRows(layer, input, mode).map((row) => [
    row.path === "" ? "(model)" : row.path,
    row.kind,
    row.output,
    grouped(row.parameters),
    `${grouped(row.flops)}${row.atLeast ? "+" : ""}`,
  ])
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] as string).length)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (i < 3 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number)))
      .join("  ")
      .trimEnd()
  return [line(head), line(widths.map((w) => "-".repeat(w))), ...rows.map(line)].join("\n")
}
