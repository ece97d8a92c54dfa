/**
 * The TFRecord format: records one after another, each a length (8 bytes), its checksum (4), the data, and their checksum (4), all little
 * endian. Files are plain or compressed by gzip. Read as a stream: no more than one record and one chunk of the file are in memory. Node only.
 */
import { createReadStream } from "node:fs"
import { stat } from "node:fs/promises"
import { pipeline } from "node:stream/promises"
import { createGunzip } from "node:zlib"
import * as E from "fp-ts/lib/Either.js"
import { fromSystem } from "../../checkpoint/index.js"
import { type DecodeError, type FileError, fileError } from "../../failure.js"
import { ByteQueue } from "./byte-queue.js"
import { maskedCrc32c } from "./crc32c.js"
import { defaultMaxBytes, refuse } from "./limits.js"

/** How records are read. */
export interface TfRecordOptions {
  /** Most bytes of one record; what claims more is refused before anything is allocated for it. Default 2 GiB. */
  readonly maxBytes?: number | undefined
}

/** Records in their order; a `Left` is the last item. */
export type TfRecords = AsyncGenerator<E.Either<FileError | DecodeError, Uint8Array>, void, undefined>

const head = 12
const foot = 4

const hex = (n: number): string => n.toString(16).padStart(8, "0")

const intact = (n: number): string => (n === 0 ? "no record before it is whole" : `the ${n} records before it are intact`)

/** A length that its checksum confirms; undefined for none. */
const lengthOf = (bytes: Uint8Array): number | undefined => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, head)
  return view.getUint32(8, true) === maskedCrc32c(bytes.subarray(0, 8)) ? Number(view.getBigUint64(0, true)) : undefined
}

/** A gzip file, and no plain file whose first record happens to have such a length. */
const isGzip = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x1f && bytes[1] === 0x8b && (bytes.length < head || lengthOf(bytes) === undefined)

/** Takes bytes; what breaks in the gzip data is an end too, with its reason. */
const taken = async (queue: ByteQueue, n: number): Promise<{ readonly bytes: Uint8Array; readonly broken: string }> => {
  try {
    return { bytes: await queue.take(n), broken: "" }
  } catch (error) {
    if (!(error instanceof Error && "code" in error && String(error.code).startsWith("Z_"))) throw error
    return { bytes: await queue.take(Math.min(n, queue.held)), broken: ` before the gzip data broke off (${error.message})` }
  }
}

const u32 = (bytes: Uint8Array, at: number): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true)

async function* records(queue: ByteQueue, source: string, unit: string, maxBytes: number): TfRecords {
  let at = 0
  for (let n = 0; ; n++) {
    const where = `${source}: record ${n} at ${unit} ${at}`
    const cut = (part: string, needs: number, has: number, broken: string) =>
      refuse(where, `expected ${needs} bytes of ${part}, found ${has}${broken}; the file is truncated or damaged, ${intact(n)}`)
    const { bytes: start, broken } = await taken(queue, head)
    if (start.length === 0 && broken === "") return
    if (start.length < head) return yield cut("its head", head, start.length, broken)
    const length = lengthOf(start)
    if (length === undefined)
      return yield refuse(
        where,
        `its length has the checksum ${hex(maskedCrc32c(start.subarray(0, 8)))}, expected ${hex(u32(start, 8))}; the file is damaged${n === 0 ? " or no TFRecord file" : ""}, ${intact(n)}`,
      )
    if (length > maxBytes) return yield refuse(where, `it has ${length} bytes, more than maxBytes = ${maxBytes}; raise it, ${intact(n)}`)
    const { bytes: body, broken: later } = await taken(queue, length + foot)
    if (body.length < length + foot) return yield cut("its data and checksum", length + foot, body.length, later)
    const data = body.subarray(0, length)
    const [stored, found] = [u32(body, length), maskedCrc32c(data)]
    if (stored !== found)
      return yield refuse(where, `its data have the checksum ${hex(found)}, expected ${hex(stored)}; the file is damaged, ${intact(n)}`)
    yield E.right(data)
    at += head + length + foot
  }
}

/**
 * The records of a TFRecord file, plain or compressed by gzip (which it finds out), one after another as they are asked for. Checksums of
 * lengths and data are checked.
 *
 * Failures come as a `Left`, the last item, after the records before it: `FileError` when the file can't be read, `DecodeError` for a file that
 * is damaged or ends within a record. It tells the record, the byte where it begins (of a compressed file, in the inflated data), what was
 * expected and found, and how many records are intact. The file is closed when the loop ends, early or not.
 *
 * @example
 * for await (const record of readTfRecords("tetrominoes_train.tfrecords")) {
 *   if (E.isLeft(record)) throw new Error(record.left.message)
 *   decodeExample(record.right)
 * }
 */
export async function* readTfRecords(path: string, { maxBytes = defaultMaxBytes }: TfRecordOptions = {}): TfRecords {
  try {
    if (!(await stat(path)).isFile()) return yield E.left(fileError(path, `could not read ${path}: it is no regular file`))
  } catch (error) {
    return yield E.left(fromSystem("read", path)(error))
  }
  const file = createReadStream(path)
  const gunzip = createGunzip()
  try {
    const plain = new ByteQueue(file)
    if (!isGzip(await plain.peek(head))) return yield* records(plain, path, "byte", maxBytes)
    // A failure comes out of `gunzip`, which the pipeline ends.
    const piped = pipeline(plain.rest(), gunzip).catch(() => undefined)
    yield* records(new ByteQueue(gunzip), path, "inflated byte", maxBytes)
    await piped
  } catch (error) {
    yield E.left(fromSystem("read", path)(error))
  } finally {
    gunzip.destroy()
    file.destroy()
  }
}
