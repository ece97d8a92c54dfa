/** `tf.train.Example` messages, which TFRecord files hold: lists of bytes, floats or integers by name. */
import * as E from "fp-ts/lib/Either.js"
import type { DecodeError } from "../../failure.js"
import { quoted, refuse } from "./limits.js"
import { fieldsOf, ProtobufFault, type WireField } from "./protobuf.js"

/** A list that an example has under a name. */
export type ExampleFeature =
  /** Strings of bytes side by side: string i is `data.subarray(offsets[i], offsets[i + 1])`. */
  | { readonly kind: "bytes"; readonly data: Uint8Array; readonly offsets: Uint32Array }
  | { readonly kind: "float"; readonly data: Float32Array }
  | { readonly kind: "int64"; readonly data: BigInt64Array }

/** The features of an example by name. */
export type ExampleFeatures = ReadonlyMap<string, ExampleFeature>

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

const lengthDelimited = (field: WireField, what: string): Uint8Array => {
  if (field.bytes === undefined) throw new ProtobufFault(field.at, `expected ${what} (wire type 2), found wire type ${field.wire}`)
  return field.bytes
}

const bytesList = (fields: readonly WireField[]): ExampleFeature => {
  const strings = fields.map((field) => lengthDelimited(field, "a string of bytes"))
  const offsets = new Uint32Array(strings.length + 1)
  strings.forEach((one, i) => {
    offsets[i + 1] = offsets[i]! + one.length
  })
  const data = new Uint8Array(offsets[strings.length]!)
  strings.forEach((one, i) => {
    data.set(one, offsets[i]!)
  })
  return { kind: "bytes", data, offsets }
}

/** Floats one by one, or packed. */
const floatList = (fields: readonly WireField[]): ExampleFeature => {
  const parts = fields.map((field) => {
    if (field.bytes === undefined || (field.wire !== 2 && field.wire !== 5) || field.bytes.length % 4 !== 0)
      throw new ProtobufFault(field.at, `expected floats of 4 bytes, found ${field.bytes?.length ?? "no"} bytes of wire type ${field.wire}`)
    const view = new DataView(field.bytes.buffer, field.bytes.byteOffset, field.bytes.length)
    return Array.from({ length: field.bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true))
  })
  return { kind: "float", data: Float32Array.from(parts.flat()) }
}

/** Integers one by one, or packed. */
const int64List = (fields: readonly WireField[]): ExampleFeature => {
  const parts = fields.map((field) => {
    if (field.varint !== undefined) return [field.varint]
    if (field.wire !== 2 || field.bytes === undefined)
      throw new ProtobufFault(field.at, `expected integers as varints, found wire type ${field.wire}`)
    return field.varints()
  })
  return { kind: "int64", data: BigInt64Array.from(parts.flat(), (n) => BigInt.asIntN(64, n)) }
}

const lists = new Map([
  [1, bytesList],
  [2, floatList],
  [3, int64List],
])

/** Undefined for a feature without a list, which is how TensorFlow writes that there is none. */
const featureOf = (bytes: Uint8Array, at: number, name: string): ExampleFeature | undefined => {
  const [field, second] = [...fieldsOf(bytes, at)]
  if (field === undefined) return undefined
  if (second !== undefined) throw new ProtobufFault(second.at, `feature ${quoted(name)} has two lists; expected one`)
  const read = lists.get(field.number)
  if (read === undefined)
    throw new ProtobufFault(
      field.at,
      `feature ${quoted(name)} is of kind ${field.number}; expected 1 (bytes), 2 (floats) or 3 (64-bit integers)`,
    )
  const values = [...fieldsOf(lengthDelimited(field, "a list"), field.start)].filter(({ number }) => number === 1)
  return read(values)
}

const addEntry = (features: Map<string, ExampleFeature>, entry: Uint8Array, at: number): void => {
  const parts = [...fieldsOf(entry, at)]
  const key = parts.find(({ number }) => number === 1)
  const value = parts.find(({ number }) => number === 2)
  if (key === undefined || value === undefined) throw new ProtobufFault(at, "expected a feature's name and its list")
  let name = ""
  try {
    name = utf8.decode(lengthDelimited(key, "a name"))
  } catch {
    throw new ProtobufFault(key.at, "expected a feature's name in UTF-8")
  }
  if (features.has(name)) throw new ProtobufFault(key.at, `there are two features ${quoted(name)}; expected one`)
  const feature = featureOf(lengthDelimited(value, "a feature"), value.start, name)
  if (feature !== undefined) features.set(name, feature)
}

/**
 * Reads a `tf.train.Example`, such as {@link readTfRecords} gives: its lists by name. ExampleFeatures without a list are left out. A `Left` tells the byte
 * of the message and what was expected there; a feature of a kind that is none is named.
 *
 * @example
 * const example = decodeExample(record, "record 0")
 * if (E.isRight(example)) console.log([...example.right.keys()])
 */
export const decodeExample = (bytes: Uint8Array, source = "example"): E.Either<DecodeError, ExampleFeatures> => {
  try {
    const features = new Map<string, ExampleFeature>()
    for (const top of fieldsOf(bytes, 0)) {
      if (top.number !== 1) continue
      for (const entry of fieldsOf(lengthDelimited(top, "features"), top.start))
        if (entry.number === 1) addEntry(features, lengthDelimited(entry, "a feature"), entry.start)
    }
    return E.right(features)
  } catch (error) {
    if (error instanceof ProtobufFault) return refuse(source, `byte ${error.at}: ${error.message}`)
    throw error
  }
}
