/** Readers of files and folders. Node only. */
import { readdir, stat } from "node:fs/promises"
import { join } from "node:path"
import * as E from "fp-ts/lib/Either.js"
import * as TE from "fp-ts/lib/TaskEither.js"
import { fromSystem, readFileBytes } from "../../checkpoint/index.js"
import { type DecodeError, type FileError, fileError } from "../../failure.js"
import type { NpyArray } from "./dtype.js"
import { defaultMaxBytes, quoted, refuse } from "./limits.js"
import { naturalOrder } from "./natural-order.js"
import { decodeNpy } from "./npy.js"
import { decodeNpz, type NpzArrays } from "./npz.js"
import { decodePng, type Picture } from "./png.js"

/** How a reader of files is called. */
export interface FileOptions {
  /** Most bytes of decoded values; a file may have that many, and 20 kB of headers. Default 2 GiB. */
  readonly maxBytes?: number | undefined
}

const headers = 20_000

/** The bytes of a file that is not larger than what it holds may be. */
export const bytesOf =
  (path: string, maxBytes: number): TE.TaskEither<FileError, Uint8Array> =>
  async () => {
    const size = await TE.tryCatch(() => stat(path), fromSystem("read", path))()
    if (E.isLeft(size)) return size
    return size.right.size > maxBytes + headers
      ? E.left(fileError(path, `could not read ${path}: its ${size.right.size} bytes are more than maxBytes = ${maxBytes}; raise it`))
      : readFileBytes(path)()
  }

/**
 * Reads an npy file; see {@link decodeNpy}. `Left(FileError)` when it can't be read, `Left(DecodeError)` when it is not what it should be.
 *
 * @example
 * const labels = await readNpy("labels.npy")()
 * if (E.isRight(labels)) console.log(labels.right.dtype, labels.right.shape)
 */
export const readNpy = (path: string, { maxBytes = defaultMaxBytes }: FileOptions = {}): TE.TaskEither<FileError | DecodeError, NpyArray> =>
  TE.chainEitherKW((bytes: Uint8Array) => decodeNpy(bytes, { maxBytes, source: path }))(bytesOf(path, maxBytes))

/**
 * Reads an npz archive; see {@link decodeNpz}. `Left(FileError)` when it can't be read, `Left(DecodeError)` when it is not what it should be.
 *
 * @example
 * const scenes = await readNpz("scenes.npz")()
 * if (E.isRight(scenes)) console.log(scenes.right.image?.shape)
 */
export const readNpz = (
  path: string,
  { maxBytes = defaultMaxBytes }: FileOptions = {},
): TE.TaskEither<FileError | DecodeError, NpzArrays> =>
  TE.chainEitherKW((bytes: Uint8Array) => decodeNpz(bytes, { maxBytes, source: path }))(bytesOf(path, maxBytes))

/** Reads a PNG file; see {@link decodePng}. */
export const readPicture = (
  path: string,
  { maxBytes = defaultMaxBytes }: FileOptions = {},
): TE.TaskEither<FileError | DecodeError, Picture> =>
  TE.chainEitherKW((bytes: Uint8Array) => decodePng(bytes, { maxBytes, source: path }))(bytesOf(path, maxBytes))

/** Pictures of one size side by side. */
export interface Pictures<V extends "unit" | "bytes" = "unit" | "bytes"> {
  /** File names, in the order of the pictures. */
  readonly names: readonly string[]
  /** `[pictures, height, width, channels]` */
  readonly shape: readonly [number, number, number, number]
  readonly data: V extends "unit" ? Float32Array : Uint8Array
}

/** How pictures are read: as numbers in [0, 1] or as bytes. */
export interface PictureOptions<V extends "unit" | "bytes"> extends FileOptions {
  /** `"unit"` (default) gives float32 in [0, 1]: a sample over the largest of its bits. `"bytes"` gives bytes and refuses 16-bit pictures. */
  readonly values?: V | undefined
}

const kind = ({ width, height, channels }: Picture) => `${width} x ${height} pixels of ${channels} channels`

const fill = (to: Float32Array | Uint8Array, at: number, { data }: Picture): void => {
  if (to instanceof Uint8Array) return to.set(data, at)
  const most = data instanceof Uint16Array ? 65535 : 255
  for (let i = 0; i < data.length; i++) to[at + i] = data[i]! / most
}

/**
 * Reads every file of a folder whose name ends in `.png`, in natural order (`scene2.png` before `scene10.png`). Other files and folders in
 * it are left alone. All pictures must have the size and the channels of the first; the first that differs is named.
 *
 * `Left(FileError)` when the folder or a file can't be read or there are no pictures, `Left(DecodeError)` when one is not as it should be or all
 * together take more than `maxBytes`.
 *
 * @example
 * const pictures = await readPictures("scenes")()
 * if (E.isRight(pictures)) console.log(pictures.right.shape) // [1000, 35, 35, 3]
 */
export const readPictures =
  <V extends "unit" | "bytes" = "unit">(
    folder: string,
    { maxBytes = defaultMaxBytes, values }: PictureOptions<V> = {},
  ): TE.TaskEither<FileError | DecodeError, Pictures<V>> =>
  async () => {
    const listed = await TE.tryCatch(() => readdir(folder), fromSystem("read", folder))()
    if (E.isLeft(listed)) return listed
    const names = listed.right.filter((name) => /\.png$/i.test(name)).sort(naturalOrder)
    let first: Picture | undefined
    let data: Float32Array | Uint8Array = new Uint8Array(0)
    for (const [n, name] of names.entries()) {
      const path = join(folder, name)
      const bytes = await bytesOf(path, maxBytes)()
      if (E.isLeft(bytes)) return bytes
      const read = decodePng(bytes.right, { maxBytes, source: path })
      if (E.isLeft(read)) return read
      const picture = read.right
      if (values === "bytes" && picture.data instanceof Uint16Array)
        return refuse(path, 'expected samples of 8 bits for values "bytes", found 16; read them as values "unit"')
      if (first === undefined) {
        first = picture
        const size = names.length * picture.data.length * (values === "bytes" ? 1 : 4)
        if (size > maxBytes)
          return refuse(
            folder,
            `${names.length} pictures of ${kind(picture)} take ${size} bytes, more than maxBytes = ${maxBytes}; raise it or read fewer`,
          )
        data = values === "bytes" ? new Uint8Array(size) : new Float32Array(size / 4)
      }
      if (kind(picture) !== kind(first))
        return refuse(path, `expected ${kind(first)} as in ${quoted(names[0]!)}, found ${kind(picture)}; make them all alike`)
      fill(data, n * picture.data.length, picture)
    }
    if (first === undefined)
      return E.left(fileError(folder, `could not read ${folder}: no name in it ends in .png; name a folder of pictures`))
    return E.right({ names, shape: [names.length, first.height, first.width, first.channels], data: data as Pictures<V>["data"] })
  }
