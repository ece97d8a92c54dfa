/** A function as an ONNX file, run by onnxruntime, against the float64 interpreter. */
import { type AnyTensor, closeBody, interpret, placeholder, type TensorType, typeOf } from "../../../src/core/index.js"
import { roundingBound } from "../../../src/laws/rounding-bound.js"
import type { Fn, Values } from "../../../src/laws/run.js"
import { valuesOf } from "../../../src/laws/run.js"
import { exportOnnx } from "../../../src/models/onnx/index.js"
import { right } from "../../support/either.js"
import { runOnnx } from "../../support/onnx.js"

export type Precision = "float32" | "float64"

/** Elementary functions of onnxruntime are good to a few units of the last place. */
const unitOf = (precision: Precision): number => 4 * (precision === "float32" ? 2 ** -24 : 2 ** -53)

/** Numbers in [0, 1) from a seed (Numerical Recipes' generator). */
export const randomFrom = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

const record = <A>(name: string, list: readonly A[]): Readonly<Record<string, A>> =>
  Object.fromEntries(list.map((x, i) => [`${name}${i}`, x]))

/** The file of a function of a list of tensors: inputs x0, x1, ..., outputs y0, y1, ... */
export const fileOf = ({ inputs, apply }: Fn, precision: Precision): Uint8Array => {
  const given = record(
    "x",
    inputs.map((t) => placeholder(t, "a test")),
  )
  const f = (args: Readonly<Record<string, AnyTensor>>) => record("y", apply(inputs.map((_, i) => args[`x${i}`] as AnyTensor)))
  return right(exportOnnx("test", f, given, { precision }))
}

/** How many times its bound a value is off; 0 where they are equal, infinite where one alone is NaN or an infinity. */
const off = (found: number, exact: number, bound: number): number => {
  if (Object.is(found, exact) || found === exact || (Number.isNaN(found) && Number.isNaN(exact))) return 0
  const by = Math.abs(found - exact)
  return Number.isFinite(by) ? by / bound : Number.POSITIVE_INFINITY
}

export interface Comparison {
  /** Largest error over its bound; at most 1 where the two agree. */
  readonly worst: number
  readonly shapes: readonly (readonly number[])[]
  readonly exactShapes: readonly (readonly number[])[]
}

/**
 * How far onnxruntime is from the interpreter, in terms of what rounding explains: the spread of the program's values when all that it reads
 * and makes is moved by a few units of the last place, and `accuracy` beside.
 */
export const compared = async (fn: Fn, x: Values, precision: Precision, accuracy = 0): Promise<Comparison> => {
  const { graph, captured } = closeBody("test", fn.inputs, fn.apply)
  const all = [...valuesOf(captured), ...x]
  const exact = interpret(graph, all, { cancelled: false })
  const bounds = roundingBound(graph, all, randomFrom(1), { unit: unitOf(precision), runs: 6, safety: 4 })
  const types = graph.outputs.map((v): TensorType => typeOf(graph, v))
  const found = await runOnnx(
    fileOf(fn, precision),
    record(
      "x",
      fn.inputs.map((type, i) => ({ type, data: x[i] as Float64Array })),
    ),
    precision,
  )
  let worst = 0
  exact.forEach((e, k) => {
    const { data } = found[`y${k}`] as { readonly data: Float64Array }
    e.forEach((value, i) => {
      const bound = (bounds[k]?.[i] as number) + accuracy * Math.max(1, Math.abs(value))
      worst = Math.max(worst, off(data[i] as number, value, bound))
    })
  })
  return {
    worst,
    shapes: exact.map((_, k) => found[`y${k}`]?.shape ?? []),
    exactShapes: types.map((t) => (t.elem === "key" ? [...t.shape, 4] : t.shape)),
  }
}
