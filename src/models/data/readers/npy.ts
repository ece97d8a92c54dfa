/** The npy format: one array in a file. */
import * as E from "fp-ts/lib/Either.js"
import { type DecodeError, decodeError } from "../../failure.js"
import { arrayOf, type DataOf, descrOf, elementsFrom, type NpyArray, type NpyDtype } from "./dtype.js"
import { defaultMaxBytes, elementsOf, type ReadOptions, refuse } from "./limits.js"
import { readNpyHeader } from "./npy-header.js"

/** Elements that stand in column-major order, in row-major order. */
const toRowMajor = <D extends DataOf[NpyDtype]>(data: D, shape: readonly number[], dtype: NpyDtype): D => {
  const out = new arrayOf[dtype](data.length) as D
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((a, b) => a * b, 1))
  const index = new Array<number>(shape.length).fill(0)
  let from = 0
  for (let to = 0; to < out.length; to++) {
    out[to] = data[from]!
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!
      if (++index[axis]! < shape[axis]!) break
      from -= strides[axis]! * shape[axis]!
      index[axis] = 0
    }
  }
  return out
}

/**
 * Reads the bytes of an npy file: versions 1 to 3, bool, signed and unsigned integers and floats up to 64 bits, little- and big-endian,
 * C and Fortran order. The result owns a fresh array in row-major order; 16-bit floats become float32, which is exact, 64-bit
 * integers are BigInts, and any byte of a bool that is not 0 is 1.
 *
 * The header is checked against the bytes that are there before anything is allocated. A `Left` says at which byte what was expected:
 * another format, a dtype that is not read (objects, texts, complex numbers, structures), a shape that does not fit the bytes.
 *
 * @example
 * const bytes = E.toUnion(encodeNpy({ dtype: "float32", shape: [2], data: Float32Array.of(1, 2) })) as Uint8Array
 * decodeNpy(bytes) // Right({ dtype: "float32", shape: [2], data: Float32Array [1, 2] })
 */
export const decodeNpy = (
  bytes: Uint8Array,
  { maxBytes = defaultMaxBytes, source = "npy" }: ReadOptions = {},
): E.Either<DecodeError, NpyArray> => {
  const read = readNpyHeader(bytes, source)
  if (E.isLeft(read)) return read
  const { stored, fortran, shape, start } = read.right
  const elements = elementsOf(shape)
  const there = bytes.length - start
  if (elements * stored.width !== there)
    return refuse(
      source,
      `byte ${start}: shape (${shape.join(", ")}) of ${8 * stored.width} bits an element takes ${elements * stored.width} bytes, found ${there}; the file is truncated or damaged`,
    )
  const size = elements * arrayOf[stored.dtype].BYTES_PER_ELEMENT
  if (size > maxBytes)
    return refuse(source, `its ${size} bytes of elements are more than maxBytes = ${maxBytes}; raise it or read a smaller part`)
  const data = elementsFrom(bytes.subarray(start), stored)
  const ordered = fortran && shape.length > 1 ? toRowMajor(data, shape, stored.dtype) : data
  return E.right({ dtype: stored.dtype, shape, data: ordered } as NpyArray)
}

/** What makes an array unfit to be written. */
const unfit = ({ dtype, shape, data }: NpyArray): string | undefined => {
  const kind = Object.hasOwn(arrayOf, dtype) ? arrayOf[dtype] : undefined
  if (kind === undefined) return `expected a dtype of ${Object.keys(arrayOf).join(", ")}, found ${JSON.stringify(dtype)}`
  if (!(data instanceof kind)) return `dtype ${dtype} needs a ${kind.name}`
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) return `shape [${shape.join(", ")}] must be of natural numbers`
  if (shape.length > 64) return `expected at most 64 axes, found ${shape.length}`
  const elements = elementsOf(shape)
  return elements === data.length ? undefined : `shape [${shape.join(", ")}] has ${elements} elements, the data ${data.length}`
}

/**
 * Bytes of an npy file (version 1.0, C order, the byte order of this host), as `numpy.save` writes them. A `Left` says what doesn't fit together.
 *
 * @example
 * encodeNpy({ dtype: "float32", shape: [2], data: Float32Array.of(1, 2) })._tag // "Right"
 */
export const encodeNpy = (array: NpyArray, source = "npy"): E.Either<DecodeError, Uint8Array<ArrayBuffer>> => {
  const why = unfit(array)
  if (why !== undefined) return E.left(decodeError(`${source}: ${why}`))
  const { dtype, shape, data } = array
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ")
  const dictionary = `{'descr': '${descrOf(dtype)}', 'fortran_order': False, 'shape': (${sizes}), }`
  const length = Math.ceil((10 + dictionary.length + 1) / 64) * 64 - 10 // elements begin at a multiple of 64
  const header = new TextEncoder().encode(`\x00NUMPY\x01\x00\x00\x00${dictionary.padEnd(length - 1)}\n`)
  const bytes = new Uint8Array(header.length + data.byteLength)
  bytes.set(header)
  bytes[0] = 0x93
  new DataView(bytes.buffer).setUint16(8, length, true)
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), header.length)
  return E.right(bytes)
}
