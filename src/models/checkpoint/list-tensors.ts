/** What is in a safetensors file, without reading the tensors. Node only. */
import { type FileHandle, open } from "node:fs/promises"
import * as E from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import * as TE from "fp-ts/lib/TaskEither.js"
import { type DecodeError, type FileError, fileError } from "../failure.js"
import type { ReadDtype } from "./dtypes.js"
import { fromSystem } from "./file-error.js"
import { announced, headerIn, headerLimit } from "./safetensors.js"
import type { Header } from "./safetensors-header.js"

/** A tensor as a file announces it. */
export interface ListedTensor {
  readonly name: string
  /** As it is stored, before anything is widened. */
  readonly dtype: ReadDtype
  readonly shape: readonly number[]
  readonly bytes: number
}

/** What a safetensors file says that it holds. */
export interface TensorList {
  /** In the order of their bytes. */
  readonly tensors: readonly ListedTensor[]
  readonly metadata: Readonly<Record<string, string>>
}

const listed = ({ entries, metadata }: Header): TensorList => ({
  tensors: entries.map(({ name, dtype, shape, begin, end }) => ({ name, dtype, shape, bytes: end - begin })),
  metadata,
})

const start = async (file: FileHandle, bytes: number): Promise<Uint8Array> => {
  const buffer = new Uint8Array(bytes)
  const { bytesRead } = await file.read(buffer, 0, bytes, 0)
  return buffer.subarray(0, bytesRead)
}

/**
 * Names, dtypes and shapes of the tensors in a safetensors file of any size, and its metadata: the header alone is read, and checked
 * against the size of the file. `Left(FileError)` when it can't be read, `Left(DecodeError)` when it is no such file or truncated.
 *
 * @example
 * const list = await listTensors("model.safetensors")()
 * if (E.isRight(list)) for (const { name, dtype, shape } of list.right.tensors) console.log(name, dtype, shape)
 */
export const listTensors =
  (path: string): TaskEither<FileError | DecodeError, TensorList> =>
  async () => {
    const opened = await TE.tryCatch(() => open(path, "r"), fromSystem("read", path))()
    if (E.isLeft(opened)) return opened
    const file = opened.right
    try {
      const found = await file.stat()
      if (!found.isFile()) return E.left(fileError(path, `could not read ${path}: it is not a regular file; name a file`))
      const first = await start(file, 8)
      const length = first.length < 8 ? 0 : Number(announced(first))
      const bytes = await start(file, 8 + Math.min(length, headerLimit, Math.max(0, found.size - 8)))
      return E.map(({ header }: { readonly header: Header }) => listed(header))(headerIn(bytes, found.size, path))
    } catch (error) {
      return E.left(fromSystem("read", path)(error))
    } finally {
      await file.close()
    }
  }
