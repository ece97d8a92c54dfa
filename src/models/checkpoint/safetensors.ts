/**
 * The safetensors format: an unsigned 64-bit little-endian header length, a JSON header, then the tensors' bytes, little-endian.
 * Source: github.com/huggingface/safetensors (README, "Format"). No code runs on reading, and nothing is allocated on a file's word alone.
 */
import * as E from "fp-ts/lib/Either.js"
import { type DecodeError, decodeError } from "../failure.js"
import { type Dtype, elementBytes, isDtype, type ReadDtype, type StoredData, widened } from "./dtypes.js"
import { stringify } from "./json.js"
import { elementsOf, type Header, isSafeName, parseHeader } from "./safetensors-header.js"

/** A tensor at rest. `data` has as many elements as `shape` says, in row-major order. */
export type StoredTensor = StoredData & { readonly shape: readonly number[] }

/** What a safetensors file holds. */
export interface Safetensors {
  /** By name. Records that come from {@link decodeSafetensors} have no prototype. */
  readonly tensors: Readonly<Record<string, StoredTensor>>
  /** Free text by key. */
  readonly metadata: Readonly<Record<string, string>>
}

/** The largest header that is read, in bytes: the limit of the reference implementation. */
export const headerLimit = 100_000_000

const arrayOf = { F32: Float32Array, F64: Float64Array, I32: Int32Array } as const
const littleEndianHost = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/** Reverses the bytes of every element in place, on hosts whose order is not the file's. */
const toFileOrder = (bytes: Uint8Array, dtype: ReadDtype): void => {
  const width = elementBytes[dtype]
  if (!littleEndianHost) for (let i = 0; i < bytes.length; i += width) bytes.subarray(i, i + width).reverse()
}

const unfit = (name: string, { dtype, shape, data }: StoredTensor): string | undefined => {
  if (name === "__metadata__") return `no tensor may be called "__metadata__"; the format keeps that name for itself`
  if (!isSafeName(name)) return `tensor "${name}" has a name that is not safe to read back; rename it`
  const kind = arrayOf[dtype] as (typeof arrayOf)[Dtype] | undefined
  if (kind === undefined) return `tensor "${name}" has dtype ${String(dtype)}; expected F32, F64 or I32`
  if (!(data instanceof kind)) return `tensor "${name}" of dtype ${dtype} needs a ${kind.name}`
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0))
    return `tensor "${name}" has shape [${shape.join(", ")}]; sizes must be natural numbers`
  const elements = elementsOf(shape)
  return elements === data.length
    ? undefined
    : `tensor "${name}" of shape [${shape.join(", ")}] needs ${elements ?? "fewer"} elements, found ${data.length}`
}

/**
 * Bytes of a safetensors file. Tensors are stored by falling element size, then by name, and the data section starts at a multiple of 8,
 * so every tensor is aligned. Equal contents give equal bytes, in whatever order the record was built.
 *
 * A `Left` names the tensor whose name, dtype, shape and data do not fit together.
 *
 * @example
 * const w: StoredTensor = { dtype: "F32", shape: [2], data: Float32Array.of(1, 2) }
 * encodeSafetensors({ tensors: { w }, metadata: {} })._tag // "Right"
 */
export const encodeSafetensors = ({ tensors, metadata }: Safetensors): E.Either<DecodeError, Uint8Array<ArrayBuffer>> => {
  const names = Object.keys(tensors)
  for (const name of names) {
    const why = unfit(name, tensors[name]!)
    if (why !== undefined) return E.left(decodeError(`safetensors: ${why}`))
  }
  const width = (name: string) => elementBytes[tensors[name]!.dtype]
  names.sort((a, b) => width(b) - width(a) || (a < b ? -1 : 1))
  const header: Record<string, { dtype: Dtype; shape: readonly number[]; data_offsets: [number, number] } | Record<string, string>> = {}
  const keys = Object.keys(metadata).sort()
  if (keys.length > 0) header.__metadata__ = Object.fromEntries(keys.map((key) => [key, metadata[key]!]))
  let end = 0
  for (const name of names) {
    const { dtype, shape, data } = tensors[name]!
    header[name] = { dtype, shape, data_offsets: [end, end + data.byteLength] }
    end += data.byteLength
  }
  const text = stringify(header, "safetensors header")
  if (E.isLeft(text)) return text
  const json = new TextEncoder().encode(text.right)
  const headerBytes = Math.ceil(json.length / 8) * 8
  if (headerBytes > headerLimit)
    return E.left(decodeError(`safetensors: the header takes ${headerBytes} bytes, more than the ${headerLimit} that readers accept`))
  const bytes = new Uint8Array(8 + headerBytes + end)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true)
  bytes.set(json, 8)
  bytes.fill(0x20, 8 + json.length, 8 + headerBytes)
  let at = 8 + headerBytes
  for (const name of names) {
    const { dtype, data } = tensors[name]!
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    toFileOrder(bytes.subarray(at, at + data.byteLength), dtype)
    at += data.byteLength
  }
  return E.right(bytes)
}

/** How long the header is, as the first 8 bytes say. */
export const announced = (bytes: Uint8Array): bigint => new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true)

/** Formats that people mistake for this one, by their first bytes. */
const foreign = [
  ["PK", "a zip archive (a PyTorch .pt or NumPy .npz file?)"],
  ["\x89PNG", "a PNG image"],
  ["\x89HDF", "an HDF5 file"],
  ["\x93NUMPY", "a NumPy .npy file"],
  ["GGUF", "a GGUF model"],
  ["\x80", "a Python pickle"],
  ["{", "plain JSON"],
] as const

const looksLike = (bytes: Uint8Array): string => {
  const start = String.fromCharCode(...bytes.subarray(0, 8))
  const kind = foreign.find(([magic]) => start.startsWith(magic))?.[1]
  return kind === undefined ? "" : `; it looks like ${kind}`
}

/** The header of a file of `total` bytes, of which `bytes` holds the first, all of the header included; and where the tensors' bytes begin. */
export const headerIn = (
  bytes: Uint8Array,
  total: number,
  source: string,
): E.Either<DecodeError, { readonly header: Header; readonly dataStart: number }> => {
  const fail = (message: string) => E.left(decodeError(`${source}: ${message}`))
  if (total < 8) return fail(`expected at least 8 bytes of safetensors, found ${total}; the file is empty or truncated`)
  const headerBytes = announced(bytes)
  const room = total - 8
  if (headerBytes > BigInt(Math.min(room, headerLimit))) {
    return fail(
      `the first 8 bytes announce a header of ${headerBytes} bytes, but ${room} follow (at most ${headerLimit} are read); it is truncated or no safetensors file${looksLike(bytes)}`,
    )
  }
  const dataStart = 8 + Number(headerBytes)
  let text: string
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, dataStart))
  } catch {
    return fail(`the header is not UTF-8 text; it is damaged or no safetensors file${looksLike(bytes)}`)
  }
  return E.map((header: Header) => ({ header, dataStart }))(parseHeader(text, total - dataStart, source))
}

/**
 * Reads a safetensors file. The tensors own fresh, aligned arrays.
 *
 * The header's length, dtypes, shapes and offsets are checked against the bytes that are there before anything is allocated. A `Left` says
 * where the file is at fault: truncated, of another format, overlapping or missing bytes, an unknown dtype, an unsafe name. Dtypes other
 * than F32, F64 and I32 are widened to one of them: F16 and BF16 to F32, integers and BOOL to I32, or F64 where they don't fit.
 *
 * @param source what messages call the file; default `"safetensors"`
 *
 * @example
 * const w: StoredTensor = { dtype: "F32", shape: [2], data: Float32Array.of(1, 2) }
 * const read = E.chain(decodeSafetensors)(encodeSafetensors({ tensors: { w }, metadata: {} }))
 * E.map(({ tensors }) => tensors.w.data)(read) // right(Float32Array [1, 2])
 */
export const decodeSafetensors = (bytes: Uint8Array, source = "safetensors"): E.Either<DecodeError, Safetensors> => {
  const read = headerIn(bytes, bytes.length, source)
  if (E.isLeft(read)) return read
  const { header, dataStart } = read.right
  const tensors: Record<string, StoredTensor> = Object.create(null)
  for (const { name, dtype, shape, begin, end } of header.entries) {
    const copy = new Uint8Array(end - begin) // not bytes.slice: that of a Node Buffer is a view
    copy.set(bytes.subarray(dataStart + begin, dataStart + end))
    if (!isDtype(dtype)) {
      const wide = widened(dtype, copy)
      if (typeof wide === "string") return E.left(decodeError(`${source}: tensor "${name}": ${wide}`))
      tensors[name] = { ...wide, shape }
      continue
    }
    toFileOrder(copy, dtype)
    tensors[name] = { dtype, shape, data: new arrayOf[dtype](copy.buffer) } as StoredTensor
  }
  return E.right({ tensors, metadata: header.metadata })
}
