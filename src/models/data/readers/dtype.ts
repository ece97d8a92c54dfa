/** The element types of NumPy files that are read, and their bytes. */

/** The typed array that holds each dtype. A bool is a byte, 0 or 1. */
export interface DataOf {
  readonly bool: Uint8Array
  readonly int8: Int8Array
  readonly uint8: Uint8Array
  readonly int16: Int16Array
  readonly uint16: Uint16Array
  readonly int32: Int32Array
  readonly uint32: Uint32Array
  readonly int64: BigInt64Array
  readonly uint64: BigUint64Array
  readonly float32: Float32Array
  readonly float64: Float64Array
}

/** The element kinds of npy files that are read and written. */
export type NpyDtype = keyof DataOf

/** An array from a NumPy file, or for one: elements in row-major order. */
export type NpyArray = {
  readonly [D in NpyDtype]: { readonly dtype: D; readonly shape: readonly number[]; readonly data: DataOf[D] }
}[NpyDtype]

export const arrayOf = {
  bool: Uint8Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  float32: Float32Array,
  float64: Float64Array,
} as const

/** How elements stand in a file: `half` is a 16-bit float, which is read as float32 (exact). */
export interface Stored {
  readonly dtype: NpyDtype
  /** Bytes of an element in the file. */
  readonly width: number
  readonly half: boolean
  readonly bigEndian: boolean
}

const byCode: Readonly<Record<string, NpyDtype>> = {
  b1: "bool",
  i1: "int8",
  u1: "uint8",
  i2: "int16",
  u2: "uint16",
  i4: "int32",
  u4: "uint32",
  i8: "int64",
  u8: "uint64",
  f2: "float32",
  f4: "float32",
  f8: "float64",
}

const bigEndianHost = new Uint8Array(Uint16Array.of(1).buffer)[0] === 0

/** What a `descr` such as `"<f4"` means, undefined where it is none that is read. `=` is the order of this host, as in NumPy. */
export const storedAs = (descr: string): Stored | undefined => {
  const match = /^([<>|=]?)([biuf][1248])$/.exec(descr)
  const [order, code] = [match?.[1] ?? "", match?.[2] ?? ""]
  const dtype = Object.hasOwn(byCode, code) ? byCode[code] : undefined
  if (dtype === undefined) return undefined
  const width = Number(code[1])
  if (order === "|" && width > 1) return undefined
  return { dtype, width, half: code === "f2", bigEndian: order === ">" || (order !== "<" && bigEndianHost) }
}

/** The `descr` that NumPy writes for an array of this host. */
export const descrOf = (dtype: NpyDtype): string => {
  const width = arrayOf[dtype].BYTES_PER_ELEMENT
  const kind = dtype === "bool" ? "b" : dtype.startsWith("u") ? "u" : dtype[0]
  return `${width === 1 ? "|" : bigEndianHost ? ">" : "<"}${kind}${width}`
}

/** The value of a 16-bit float by its bits. */
const half = (bits: number): number => {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25)
}

const swapInPlace = (bytes: Uint8Array, width: number): void => {
  for (let at = 0; at < bytes.length; at += width) {
    for (let i = at, j = at + width - 1; i < j; i++, j--) {
      const kept = bytes[i]!
      bytes[i] = bytes[j]!
      bytes[j] = kept
    }
  }
}

/** A fresh typed array of the elements in `bytes`, whose length is a multiple of the width. */
export const elementsFrom = (bytes: Uint8Array, { dtype, width, half: isHalf, bigEndian }: Stored): DataOf[NpyDtype] => {
  const own = new Uint8Array(bytes.length) // fresh, so aligned
  own.set(bytes)
  if (bigEndian !== bigEndianHost) swapInPlace(own, width)
  if (isHalf) return Float32Array.from(new Uint16Array(own.buffer), half)
  if (dtype === "bool") for (let i = 0; i < own.length; i++) own[i] = own[i] === 0 ? 0 : 1
  return new arrayOf[dtype](own.buffer)
}
