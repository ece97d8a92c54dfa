/** What an ONNX file is made of, as data, and how it is written (onnx.proto of ONNX 1.12: opset 17, format 8). */
import { type Bytes, bytes, flat, message, text, whole, wholes } from "./wire.js"

/** Kinds of elements that are written. Whole numbers of 32 bits have 64 here: more runtimes compute with those. */
export type OnnxElem = "float32" | "float64" | "int64" | "bool"

/** TensorProto.DataType */
const DATA_TYPE: Readonly<Record<OnnxElem, number>> = { float32: 1, float64: 11, int64: 7, bool: 9 }

/** Numbers of a file: initializers and attributes. */
export interface TensorData {
  readonly elem: OnnxElem
  readonly shape: readonly number[]
  readonly data: ArrayLike<number>
}

/** A typed name: what goes into a graph and what comes out. */
export interface NamedType {
  readonly name: string
  readonly elem: OnnxElem
  readonly shape: readonly number[]
}

/** What a node has beside its inputs. */
export type Attribute = number | readonly number[] | OnnxGraph

/** One application of an operator; an input that is left out is the empty name. */
export interface OnnxNode {
  readonly operator: string
  readonly name: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, Attribute>>
}

/** A graph; that of a branch or of a loop's body sees the names of those around it. */
export interface OnnxGraph {
  readonly name: string
  readonly nodes: readonly OnnxNode[]
  readonly initializers: readonly (readonly [name: string, data: TensorData])[]
  readonly inputs: readonly NamedType[]
  readonly outputs: readonly NamedType[]
}

const OPSET = 17
const IR_VERSION = 8

/** A kind of elements by the number that ONNX has for it: the attribute of `Cast`. */
export const dataType = (elem: OnnxElem): number => DATA_TYPE[elem]

/** Bytes of an element. */
const WIDTH: Readonly<Record<OnnxElem, number>> = { float32: 4, float64: 8, int64: 8, bool: 1 }

/** The numbers as little-endian bytes. */
const rawData = ({ elem, data }: TensorData): Uint8Array => {
  const out = new Uint8Array(data.length * WIDTH[elem])
  const view = new DataView(out.buffer)
  for (let i = 0; i < data.length; i++) {
    const x = data[i] as number
    if (elem === "float32") view.setFloat32(4 * i, x, true)
    else if (elem === "float64") view.setFloat64(8 * i, x, true)
    else if (elem === "int64") view.setBigInt64(8 * i, BigInt(x), true)
    else out[i] = x
  }
  return out
}

const tensorProto = (name: string, tensor: TensorData): Bytes =>
  message([...wholes(1, tensor.shape), whole(2, DATA_TYPE[tensor.elem]), text(8, name), bytes(9, rawData(tensor))])

const valueInfo = ({ name, elem, shape }: NamedType): Bytes => {
  const dims = shape.map((d) => bytes(1, message([whole(1, d)])))
  const tensorType = message([whole(1, DATA_TYPE[elem]), bytes(2, message(dims))])
  return message([text(1, name), bytes(2, message([bytes(1, tensorType)]))])
}

const isList = (x: Attribute): x is readonly number[] => Array.isArray(x)

/** AttributeProto.AttributeType: INT 2, GRAPH 5, INTS 7. */
const attributeProto = (name: string, value: Attribute): Bytes => {
  if (typeof value === "number") return message([text(1, name), whole(3, value), whole(20, 2)])
  if (isList(value)) return message([text(1, name), ...wholes(8, value), whole(20, 7)])
  return message([text(1, name), bytes(6, graphProto(value)), whole(20, 5)])
}

const nodeProto = ({ operator, name, inputs, outputs, attributes }: OnnxNode): Bytes =>
  message([
    ...inputs.map((input) => text(1, input)),
    ...outputs.map((output) => text(2, output)),
    text(3, name),
    text(4, operator),
    ...Object.entries(attributes).map(([key, value]) => bytes(5, attributeProto(key, value))),
  ])

const graphProto = ({ name, nodes, initializers, inputs, outputs }: OnnxGraph): Bytes =>
  message([
    ...nodes.map((node) => bytes(1, nodeProto(node))),
    text(2, name),
    ...initializers.map(([key, data]) => bytes(5, tensorProto(key, data))),
    ...inputs.map((input) => bytes(11, valueInfo(input))),
    ...outputs.map((output) => bytes(12, valueInfo(output))),
  ])

/** A protobuf message has at most 2^31 - 1 bytes. */
const MOST_BYTES = 2 ** 31 - 1

/** The file; null where it would be larger than one message may be. */
export const encodeModel = (
  graph: OnnxGraph,
  producer: string,
  notes: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> | null => {
  const numbers = graph.initializers.reduce((n, [, { elem, data }]) => n + data.length * WIDTH[elem], 0)
  if (numbers > MOST_BYTES) return null
  const properties = Object.entries(notes).map(([key, value]): Bytes => bytes(14, message([text(1, key), text(2, value)])))
  const opset = message([text(1, ""), whole(2, OPSET)])
  const model = message([whole(1, IR_VERSION), text(2, producer), bytes(7, graphProto(graph)), bytes(8, opset), ...properties])
  return model.length > MOST_BYTES ? null : flat(model)
}
