/**
 * `debug: true`: a run whose results are not finite is done again on the interpreter, by the program's own graph, and ends with the
 * op that made the first non-finite value. For targets that compute in float32 each value is rounded to it, so that what
 * overflows there overflows here. So a program that goes well is as fast as ever, but for reading its results, and no target needs
 * probes.
 */
import type { NonFiniteValue } from "../errors.js"
import { type Graph, inputTypes, outputTypes, typeOf } from "../graph/graph.js"
import {
  allFinite,
  type Found,
  firstNonFinite,
  hasNaN,
  type Origin,
  type Run,
  type Values,
  type Wanted,
} from "../targets/interpreter/index.js"
import { physicalShape, showType, sizeOf, type TensorType } from "../tensor/types.js"

/** Numbers of a value that are shown. */
const SHOWN = 6

const told = (x: number): string => (String(x).length <= 10 ? String(x) : x.toPrecision(5))

/** `float[1000] [1, 2, NaN, ...] between 1 and 7, 3 of them NaN`; long values are cut. */
const inShort = (type: TensorType, data: Float64Array): string => {
  const first = `${showType(type)} [${Array.from(data.subarray(0, SHOWN), told).join(", ")}${data.length > SHOWN ? ", ..." : ""}]`
  if (data.length <= SHOWN || type.elem !== "float") return first
  const finite = data.filter(Number.isFinite)
  const between =
    finite.length === 0
      ? ""
      : ` between ${told(finite.reduce((a, b) => Math.min(a, b)))} and ${told(finite.reduce((a, b) => Math.max(a, b)))}`
  const [nan, infinite] = [data.filter(Number.isNaN).length, data.length - finite.length]
  return `${first}${between}${infinite === 0 ? "" : `, ${nan} of them NaN and ${infinite - nan} infinite`}`
}

const place = (flat: number, shape: readonly number[]): string => {
  if (shape.length === 0) return ""
  const index = shape.map((d, i) => Math.floor(flat / sizeOf(shape.slice(i + 1))) % d)
  return ` at [${index.join(", ")}]`
}

/** The number that is not finite and where it stands. */
const shown = (type: TensorType, data: Float64Array): string => {
  const at = data.findIndex((x) => !Number.isFinite(x))
  return `${data[at]}${place(at, physicalShape(type))} of ${showType(type)}`
}

const toldOp = ({ graph, equation, inputs, outputs, line, inside }: Origin): NonFiniteValue => {
  const [ins, outs] = [equation.inputs, equation.outputs].map((vs) => vs.map((v) => typeOf(graph, v))) as [TensorType[], TensorType[]]
  const k = outs.findIndex((t, i) => t.elem === "float" && !allFinite(outputs[i] as Float64Array))
  const types = `(${ins.map(showType).join(", ")}) -> ${outs.map(showType).join(", ")}`
  const operands = ins.map((t, i) => inShort(t, inputs[i] as Float64Array))
  const at = line?.at ?? null
  const { name } = equation.op
  return {
    _tag: "NonFiniteValue",
    op: name,
    types,
    at,
    inside,
    operands,
    message: [
      `${name} ${types} gave ${shown(outs[k] as TensorType, outputs[k] as Float64Array)}`,
      ...(at === null ? [] : [`    at ${at}`]),
      ...(inside.length === 0 ? [] : [`    in ${inside.join(", in ")}`]),
      ...operands.map((o, i) => `    operand ${i + 1}: ${o}`),
    ].join("\n"),
  }
}

const toldInput = (name: string, type: TensorType, data: Float64Array): NonFiniteValue => ({
  _tag: "NonFiniteValue",
  op: name,
  types: showType(type),
  at: null,
  inside: [],
  operands: [inShort(type, data)],
  message: `${name} holds NaN: ${shown(type, data)}\n    ${inShort(type, data)}`,
})

/** Float outputs among the first `own` that are not finite. */
export const badOutputs = (graph: Graph, own: number, outputs: Values): readonly number[] =>
  outputTypes(graph)
    .slice(0, own)
    .flatMap((t, i) => (t.elem === "float" && !allFinite(outputs[i] as Float64Array) ? [i] : []))

/** Float32's values, for targets that compute in it. */
export const inFloat32: Pick<Run, "rounded"> = { rounded: (x) => x.map(Math.fround) }

/**
 * What made `wanted` outputs of a graph not finite, told; null where every infinity in them was given. `found` are the outputs of the
 * target, `nameOf` names inputs.
 */
export const explainNonFinite = (
  graph: Graph,
  inputs: Values,
  wanted: Wanted,
  found: Values,
  nameOf: (input: number) => string,
  run: Run,
): NonFiniteValue | null => {
  const first: Found | null = firstNonFinite(graph, inputs, wanted, run)
  if (first?.t === "op") return toldOp(first.origin)
  if (first?.t === "input")
    return toldInput(nameOf(first.input), inputTypes(graph)[first.input] as TensorType, inputs[first.input] as Float64Array)
  const odd = wanted === "all" ? undefined : wanted.find((i) => hasNaN(found[i] as Float64Array))
  if (odd === undefined) return null
  const type = outputTypes(graph)[odd] as TensorType
  return {
    _tag: "NonFiniteValue",
    op: "unknown",
    types: showType(type),
    at: null,
    inside: [],
    operands: [],
    message: `result ${odd} holds ${shown(type, found[odd] as Float64Array)}, and the interpreter finds no op that gives it: the target's arithmetic differs there; try target: "wasm:f64"`,
  }
}
