/** Element types of safetensors files: three that Stillpoint keeps, and others that are read into one of them without loss. */

/** Element types that are kept as they are, and written. */
export type Dtype = "F32" | "F64" | "I32"

/** A tensor's numbers at rest. */
export type StoredData =
  | { readonly dtype: "F32"; readonly data: Float32Array }
  | { readonly dtype: "F64"; readonly data: Float64Array }
  | { readonly dtype: "I32"; readonly data: Int32Array }

/** Bytes an element takes, by every dtype that is read. */
export const elementBytes = {
  F32: 4,
  F64: 8,
  I32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  U64: 8,
  U32: 4,
  I16: 2,
  U16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const
export type ReadDtype = keyof typeof elementBytes

export const isDtype = (dtype: string): dtype is Dtype => dtype === "F32" || dtype === "F64" || dtype === "I32"

/** IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. */
const half = (bits: number): number => {
  const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023]
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25)
}

const one = new DataView(new ArrayBuffer(4))
/** bfloat16 is the upper half of float32. */
const brain = (bits: number): number => {
  one.setUint16(0, bits)
  one.setUint16(2, 0)
  return one.getFloat32(0)
}

const readers: Readonly<Record<Exclude<ReadDtype, Dtype>, (v: DataView, at: number) => number>> = {
  F16: (v, at) => half(v.getUint16(at, true)),
  BF16: (v, at) => brain(v.getUint16(at, true)),
  I64: (v, at) => Number(v.getBigInt64(at, true)),
  U64: (v, at) => Number(v.getBigUint64(at, true)),
  U32: (v, at) => v.getUint32(at, true),
  I16: (v, at) => v.getInt16(at, true),
  U16: (v, at) => v.getUint16(at, true),
  I8: (v, at) => v.getInt8(at),
  U8: (v, at) => v.getUint8(at),
  BOOL: (v, at) => (v.getUint8(at) === 0 ? 0 : 1),
}

/**
 * Numbers of a dtype that is not kept: 16-bit floats become F32, integers I32 where all fit, else F64. A string is the reason why that
 * would lose something: an integer beyond 2^53.
 */
export const widened = (dtype: Exclude<ReadDtype, Dtype>, bytes: Uint8Array): StoredData | string => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const width = elementBytes[dtype]
  const count = bytes.length / width
  const read = readers[dtype]
  if (dtype === "F16" || dtype === "BF16")
    return { dtype: "F32", data: Float32Array.from({ length: count }, (_, i) => read(view, i * width)) }
  let fits = true
  for (let i = 0; i < count; i++) {
    const x = read(view, i * width)
    if (!Number.isSafeInteger(x)) return `element ${i} of ${dtype} is beyond 2^53, where not every integer is a number`
    fits &&= x === (x | 0)
  }
  const all = { length: count }
  return fits
    ? { dtype: "I32", data: Int32Array.from(all, (_, i) => read(view, i * width)) }
    : { dtype: "F64", data: Float64Array.from(all, (_, i) => read(view, i * width)) }
}
