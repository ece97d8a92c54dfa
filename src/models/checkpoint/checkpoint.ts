/**
 * Checkpoints: tensors and JSON metadata in one safetensors file, written atomically. Node only.
 *
 * Any safetensors reader gets the tensors. In the file's metadata, each key of ours holds JSON text, `stillpoint.format` the version of this
 * layout and `stillpoint.sha256` a digest of the whole file (its own 64 characters taken as zeros), so that a flipped bit is found when
 * the file is loaded and not as a strange loss.
 */
import { createHash } from "node:crypto"
import * as E from "fp-ts/lib/Either.js"
import { pipe } from "fp-ts/lib/function.js"
import * as TE from "fp-ts/lib/TaskEither.js"
import { type DecodeError, decodeError, type FileError } from "../failure.js"
import { readFileBytes, writeFileAtomic } from "./atomic-file.js"
import { type Json, parse, stringify } from "./json.js"
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from "./safetensors.js"

/** What a checkpoint holds. */
export interface Checkpoint {
  /** By path, such as `"params.encoder.0.w"`. Records that were loaded have no prototype. */
  readonly tensors: Readonly<Record<string, StoredTensor>>
  /** Spec, step, optimiser's scalars, random key: anything that JSON holds. Keys that begin with `stillpoint.` are taken. */
  readonly metadata: Readonly<Record<string, Json>>
}

const formatKey = "stillpoint.format"
const digestKey = "stillpoint.sha256"
const format = "1"
const noDigest = "0".repeat(64)

/** Where the digest's characters stand in a file; -1 when they don't. */
const digestAt = (bytes: Uint8Array, digest: string): number => {
  const before = `${JSON.stringify(digestKey)}:"`
  const found = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(`${before}${digest}"`, 8, "latin1")
  return found < 0 ? -1 : found + before.length
}

/** SHA-256 of a file with the 64 characters at `at` taken as zeros. */
const digestOf = (bytes: Uint8Array, at: number): string =>
  createHash("sha256")
    .update(bytes.subarray(0, at))
    .update(noDigest)
    .update(bytes.subarray(at + 64))
    .digest("hex")

/**
 * Bytes of a checkpoint file. A `Left` names the tensor whose parts don't fit together, or the place in the metadata that JSON can't hold
 * (a number that isn't finite, `undefined`, a class instance).
 *
 * @example
 * const w: StoredTensor = { dtype: "F32", shape: [2], data: Float32Array.of(1, 2) }
 * encodeCheckpoint({ tensors: { w }, metadata: { step: 3 } })._tag // "Right"
 * encodeCheckpoint({ tensors: { w }, metadata: { loss: Number.NaN } })._tag // "Left"
 */
export const encodeCheckpoint = ({ tensors, metadata }: Checkpoint): E.Either<DecodeError, Uint8Array> => {
  const texts: Record<string, string> = Object.assign(Object.create(null), { [formatKey]: format, [digestKey]: noDigest })
  for (const [key, value] of Object.entries(metadata)) {
    if (key.startsWith("stillpoint."))
      return E.left(decodeError(`checkpoint: the metadata key "${key}" is taken; choose one that does not begin with "stillpoint."`))
    const text = stringify(value, `checkpoint metadata.${key}`)
    if (E.isLeft(text)) return text
    texts[key] = text.right
  }
  return pipe(
    encodeSafetensors({ tensors, metadata: texts }),
    E.map((bytes) => {
      const at = digestAt(bytes, noDigest)
      bytes.set(new TextEncoder().encode(digestOf(bytes, at)), at)
      return bytes
    }),
  )
}

/**
 * Reads a checkpoint file's bytes. A `Left` when it is no safetensors file, was not written by {@link encodeCheckpoint}, has another
 * version, or has changed in any bit since.
 *
 * @param source what messages call the file; default `"checkpoint"`
 *
 * @example
 * const w: StoredTensor = { dtype: "F32", shape: [2], data: Float32Array.of(1, 2) }
 * const read = E.chain(decodeCheckpoint)(encodeCheckpoint({ tensors: { w }, metadata: { step: 3 } }))
 * E.map(({ metadata }) => metadata.step)(read) // right(3)
 */
export const decodeCheckpoint = (bytes: Uint8Array, source = "checkpoint"): E.Either<DecodeError, Checkpoint> => {
  const fail = (message: string) => E.left(decodeError(`${source}: ${message}`))
  const decoded = decodeSafetensors(bytes, source)
  if (E.isLeft(decoded)) return decoded
  const { tensors, metadata: texts } = decoded.right
  const version = texts[formatKey]
  const digest = texts[digestKey] ?? ""
  if (version === undefined)
    return fail(
      `a safetensors file, but no Stillpoint checkpoint ("${formatKey}" is not in its metadata); read its tensors with decodeSafetensors`,
    )
  if (version !== format)
    return fail(
      `checkpoint format ${JSON.stringify(version.slice(0, 20))}, expected "${format}"; load it with the version of Stillpoint that wrote it`,
    )
  const at = /^[0-9a-f]{64}$/.test(digest) ? digestAt(bytes, digest) : -1
  if (at < 0 || digestOf(bytes, at) !== digest)
    return fail(`its bytes have changed since it was written (SHA-256 differs); restore it from a copy or go back to an older checkpoint`)
  const metadata: Record<string, Json> = Object.create(null)
  for (const [key, text] of Object.entries(texts)) {
    if (key === formatKey || key === digestKey) continue
    const value = parse(text, `${source}: metadata "${key}"`)
    if (E.isLeft(value)) return value
    metadata[key] = value.right
  }
  return E.right({ tensors, metadata })
}

/**
 * Writes a checkpoint so that `path` always holds a whole one: the old or the new. The folder must exist. With `keep` the old one stays
 * under that name.
 *
 * `Left(DecodeError)` when the checkpoint itself can't be written as such, `Left(FileError)` when the system refuses.
 *
 * @example
 * const w: StoredTensor = { dtype: "F32", shape: [2], data: Float32Array.of(1, 2) }
 * const saved = await saveCheckpoint("model.safetensors", { tensors: { w }, metadata: { step: 3 } })()
 * if (E.isLeft(saved)) console.error(saved.left.message)
 */
export const saveCheckpoint = (
  path: string,
  checkpoint: Checkpoint,
  options: { readonly keep?: string } = {},
): TE.TaskEither<FileError | DecodeError, void> =>
  pipe(
    TE.fromEither(encodeCheckpoint(checkpoint)),
    TE.chainW((bytes) => writeFileAtomic(path, bytes, options)),
  )

/**
 * Reads the checkpoint at `path`. `Left(FileError)` when it can't be read, `Left(DecodeError)` when it is not what was written.
 *
 * @example
 * const loaded = await loadCheckpoint("model.safetensors")()
 * if (E.isRight(loaded)) console.log(Object.keys(loaded.right.tensors), loaded.right.metadata.step)
 */
export const loadCheckpoint = (path: string): TE.TaskEither<FileError | DecodeError, Checkpoint> =>
  pipe(
    readFileBytes(path),
    TE.chainEitherKW((bytes) => decodeCheckpoint(bytes, path)),
  )
