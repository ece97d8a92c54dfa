/** ONNX files run by onnxruntime (its build for WebAssembly: no native binaries, nothing is downloaded when it is installed). */
import * as ort from "onnxruntime-web"
import { physicalShape, sizeOf, type TensorType } from "../../src/core/index.js"
import type { ExportOptions } from "../../src/models/onnx/index.js"

ort.env.wasm.numThreads = 1
ort.env.logLevel = "error"

type Precision = NonNullable<ExportOptions["precision"]>

const tensorOf = (type: TensorType, data: Float64Array, precision: Precision): ort.Tensor => {
  const shape = physicalShape(type)
  if (type.elem === "bool") return new ort.Tensor("bool", Uint8Array.from(data), shape)
  if (type.elem === "float")
    return precision === "float32" ? new ort.Tensor("float32", Float32Array.from(data), shape) : new ort.Tensor("float64", data, shape)
  return new ort.Tensor("int64", BigInt64Array.from(data, BigInt), shape)
}

const numbersOf = (t: ort.Tensor): Float64Array => {
  const { data } = t
  if (data instanceof BigInt64Array) return Float64Array.from(data, Number)
  if (data instanceof Float32Array || data instanceof Float64Array || data instanceof Uint8Array) return Float64Array.from(data)
  throw new Error(`onnxruntime gave ${t.type}`)
}

export interface OnnxResult {
  readonly shape: readonly number[]
  readonly data: Float64Array
}

export interface OnnxModel {
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  readonly run: (inputs: Readonly<Record<string, ort.Tensor>>) => Promise<Readonly<Record<string, OnnxResult>>>
  readonly release: () => Promise<void>
}

/** What onnxruntime makes of a file: it checks it, and refuses one that says of a value another type or shape than it has. */
export const openOnnx = async (file: Uint8Array): Promise<OnnxModel> => {
  const session = await ort.InferenceSession.create(file)
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    run: async (inputs) => {
      const results = await session.run(inputs)
      return Object.fromEntries(Object.entries(results).map(([name, t]) => [name, { shape: t.dims, data: numbersOf(t) }]))
    },
    release: () => session.release(),
  }
}

/** A file run once. */
export const runOnnx = async (
  file: Uint8Array,
  inputs: Readonly<Record<string, { readonly type: TensorType; readonly data: Float64Array }>>,
  precision: Precision = "float32",
): Promise<Readonly<Record<string, OnnxResult>>> => {
  const model = await openOnnx(file)
  try {
    const results = await model.run(
      Object.fromEntries(Object.entries(inputs).map(([name, { type, data }]) => [name, tensorOf(type, data, precision)])),
    )
    for (const [name, { shape, data }] of Object.entries(results))
      if (sizeOf(shape) !== data.length) throw new Error(`${name} has ${data.length} numbers and the shape [${shape.join(", ")}]`)
    return results
  } finally {
    await model.release()
  }
}
