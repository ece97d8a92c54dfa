/** The idx format of MNIST and its kin: a type, sizes, and values in big-endian order. Files are plain or compressed by gzip. Node only. */
import { gunzipSync } from "node:zlib"
import * as E from "fp-ts/lib/Either.js"
import * as TE from "fp-ts/lib/TaskEither.js"
import type { DecodeError, FileError } from "../../failure.js"
import type { NpyArray } from "./dtype.js"
import { bytesOf, type FileOptions } from "./files.js"
import { defaultMaxBytes, deflateRatio, elementsOf, type ReadOptions, refuse } from "./limits.js"

const byteType = 0x08
const otherTypes: Readonly<Record<number, string>> = { 9: "int8", 11: "int16", 12: "int32", 13: "float32", 14: "float64" }

/** Room for the head: four bytes, and four for each of at most 255 sizes. */
const head = 4 * 256

const inflate = (bytes: Uint8Array, maxBytes: number, source: string): E.Either<DecodeError, Uint8Array> => {
  const most = Math.min(maxBytes + head, deflateRatio * bytes.length + head)
  try {
    return E.right(gunzipSync(bytes, { maxOutputLength: most }))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return refuse(source, `its gzip data can't be inflated to at most ${maxBytes} bytes (${why}); the file is damaged, or raise maxBytes`)
  }
}

/**
 * Reads the bytes of an idx file of bytes (`train-images-idx3-ubyte`), compressed by gzip or not. A `Left` says what was expected, what was
 * found, and where.
 *
 * @example
 * const read = decodeIdx(readFileSync("t10k-labels-idx1-ubyte.gz"), { source: "labels" })
 * if (E.isRight(read)) console.log(read.right.shape)
 */
export const decodeIdx = (
  packed: Uint8Array,
  { maxBytes = defaultMaxBytes, source = "idx" }: ReadOptions = {},
): E.Either<DecodeError, NpyArray> => {
  const plain = packed[0] === 0x1f && packed[1] === 0x8b ? inflate(packed, maxBytes, source) : E.right(packed)
  if (E.isLeft(plain)) return plain
  const bytes = plain.right
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0)
    return refuse(source, "expected an idx file, which begins with two bytes 0, its type and its number of axes; check that it is one")
  const [type, rank] = [bytes[2]!, bytes[3]!]
  if (type !== byteType)
    return refuse(source, `expected values of type 8 (bytes), found ${type} (${otherTypes[type] ?? "no type of idx files"}); convert them`)
  const start = 4 + 4 * rank
  if (bytes.length < start) return refuse(source, `expected ${rank} sizes in ${start} bytes, found ${bytes.length}; the file is cut off`)
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i))
  const size = elementsOf(shape)
  if (size > maxBytes) return refuse(source, `[${shape.join(", ")}] takes ${size} bytes, more than maxBytes = ${maxBytes}; raise it`)
  if (bytes.length !== start + size)
    return refuse(source, `[${shape.join(", ")}] takes ${start + size} bytes with its head, found ${bytes.length}; the file is damaged`)
  return E.right({ dtype: "uint8", shape, data: Uint8Array.from(bytes.subarray(start)) })
}

/**
 * Reads an idx file; see {@link decodeIdx}. `Left(FileError)` when it can't be read, `Left(DecodeError)` when it is not what it should be.
 *
 * @example
 * const labels = await readIdx("t10k-labels-idx1-ubyte.gz")()
 * if (E.isRight(labels)) console.log(labels.right.shape)
 */
export const readIdx = (path: string, { maxBytes = defaultMaxBytes }: FileOptions = {}): TE.TaskEither<FileError | DecodeError, NpyArray> =>
  TE.chainEitherKW((bytes: Uint8Array) => decodeIdx(bytes, { maxBytes, source: path }))(bytesOf(path, maxBytes))
