/** Arbitrary checkpoint contents. */
import fc from "fast-check"
import type { StoredTensor } from "../../../src/models/checkpoint/index.js"

const name = fc.oneof(
  fc.string({ minLength: 0, maxLength: 12, unit: "grapheme" }),
  fc.constantFrom("w", "encoder.0.weight", "toString", "valueOf", "0", "slots/µ", "\ud800"),
)

const tensor: fc.Arbitrary<StoredTensor> = fc.gen().map((g): StoredTensor => {
  const shape = g(fc.array, fc.integer({ min: 0, max: 4 }), { maxLength: 3 })
  const length = shape.reduce((a, b) => a * b, 1)
  const of = { minLength: length, maxLength: length }
  switch (g(fc.constantFrom<StoredTensor["dtype"][]>, "F32", "F64", "I32")) {
    case "F32":
      return { dtype: "F32", shape, data: g(fc.float32Array, of) }
    case "F64":
      return { dtype: "F64", shape, data: g(fc.float64Array, of) }
    default:
      return { dtype: "I32", shape, data: g(fc.int32Array, of) }
  }
})

const safe = (key: string) =>
  !key.split(/[./]/).some((part) => ["__proto__", "constructor", "prototype"].includes(part)) && key !== "__metadata__"

/** Tensors by name: all dtypes, scalars, empty ones, NaN and -0, names that need escaping or that an object already has. */
export const tensors: fc.Arbitrary<Record<string, StoredTensor>> = fc.dictionary(name.filter(safe), tensor, {
  maxKeys: 6,
  noNullPrototype: true,
})

/** Metadata of a safetensors file. */
export const texts: fc.Arbitrary<Record<string, string>> = fc.dictionary(name.filter(safe), fc.string({ unit: "binary", maxLength: 20 }), {
  maxKeys: 4,
  noNullPrototype: true,
})

/** The bits of a tensor, so that NaN and -0 compare as they are. */
export const bits = ({ dtype, shape, data }: StoredTensor) => ({
  dtype,
  shape: [...shape],
  bytes: [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)],
})

export const allBits = (all: Readonly<Record<string, StoredTensor>>) =>
  Object.fromEntries(Object.entries(all).map(([key, value]) => [key, bits(value)]))
