/**
 * Files that are either whole or the ones that were there before. Node only.
 *
 * A write goes to a temporary name in the same folder, is flushed to the disk, and is then renamed over the target; the folder is flushed
 * too, so that the rename outlives a power cut. A writer that is killed leaves its temporary file; the next write to the same target
 * removes it.
 */
import { createHash, randomBytes } from "node:crypto"
import { type FileHandle, open, readdir, realpath, rename, stat, unlink } from "node:fs/promises"
import { hostname } from "node:os"
import { basename, dirname, join } from "node:path"
import * as E from "fp-ts/lib/Either.js"
import * as TE from "fp-ts/lib/TaskEither.js"
import { type FileError, fileError } from "../failure.js"
import { fromSystem } from "./file-error.js"

/** Temporary names tell who writes: `.target.<host>-<process>-<random>.tmp`. */
const host = createHash("sha256").update(hostname()).digest("hex").slice(0, 8)
const temporaryName = (target: string): string => `.${target}.${host}-${process.pid}-${randomBytes(6).toString("hex")}.tmp`
const temporaryPattern = /^\.(.*)\.([0-9a-f]{8})-(\d+)-[0-9a-f]{12}\.tmp$/

/** Writers that this process can't ask about (another host, or a process number that is in use) are given up after an hour. */
const patience = 3_600_000

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM"
  }
}

/** Whether the writer of a temporary file is gone. */
const isLeftover = (writerHost: string, pid: number, modified: number): boolean => {
  if (writerHost !== host) return Date.now() - modified > patience
  if (pid === process.pid) return modified < Date.now() - 1000 * process.uptime() // from an earlier process of this number
  return !isRunning(pid) || Date.now() - modified > patience
}

const removeLeftovers = async (folder: string, target: string): Promise<void> => {
  for (const name of await readdir(folder)) {
    const match = temporaryPattern.exec(name)
    if (match === null || match[1] !== target) continue
    const path = join(folder, name)
    try {
      if (isLeftover(match[2]!, Number(match[3]), (await stat(path)).mtimeMs)) await unlink(path)
    } catch {
      // somebody else removed it, or may: it is in nobody's way
    }
  }
}

/** Flushes a folder's entries. Windows can't, and needn't; some network file systems won't. */
const flushFolder = async (folder: string): Promise<void> => {
  let handle: FileHandle | undefined
  try {
    handle = await open(folder, "r")
    await handle.sync()
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined
    if (!(process.platform === "win32" || code === "EINVAL" || code === "ENOTSUP")) throw error
  } finally {
    await handle?.close()
  }
}

/** Gives a file another name; nothing where there is no such file. */
const setAside = async (from: string, to: string): Promise<void> => {
  try {
    await rename(from, to)
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error
  }
}

const replace = async (target: string, bytes: Uint8Array, kept: string | undefined): Promise<void> => {
  const folder = dirname(target)
  const temporary = join(folder, temporaryName(basename(target)))
  await removeLeftovers(folder, basename(target))
  const mode = await stat(target).then(
    ({ mode }) => mode & 0o777,
    () => 0o666,
  )
  try {
    const handle = await open(temporary, "wx", mode)
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    if (kept !== undefined) await setAside(target, kept)
    await rename(temporary, target)
  } catch (error) {
    await unlink(temporary).catch(() => undefined)
    throw error
  }
  await flushFolder(folder)
}

/**
 * Puts `bytes` at `path`, or leaves what was there. Whoever reads `path` meanwhile, or after a crash at any moment, sees the old file or the
 * new one, whole. Keeps the mode of the file it replaces, and writes through a symbolic link. The folder must exist.
 *
 * `Left(FileError)` when the system refuses; the old file is then still there, unless only the last flush failed.
 *
 * With `keep` the old file gets that name in the same folder, once the new one is written; a crash between the two leaves the old file there
 * and none at `path`.
 *
 * @example
 * const written = await writeFileAtomic("report.html", new TextEncoder().encode(page))()
 * if (E.isLeft(written)) console.error(written.left.message)
 */
export const writeFileAtomic = (
  path: string,
  bytes: Uint8Array,
  { keep }: { readonly keep?: string } = {},
): TE.TaskEither<FileError, void> =>
  TE.tryCatch(
    async () => {
      const target = await realpath(path).catch(() => path)
      await replace(target, bytes, keep === undefined ? undefined : join(dirname(target), keep))
    },
    fromSystem("write", path),
  )

/**
 * Reads a regular file whole. `Left(FileError)` when it is missing, no regular file (a pipe would hang), or larger than 2 GiB.
 *
 * @example
 * const bytes = await readFileBytes("scene.png")()
 * if (E.isRight(bytes)) console.log(bytes.right.length)
 */
export const readFileBytes =
  (path: string): TE.TaskEither<FileError, Uint8Array> =>
  async () => {
    try {
      if (!(await stat(path)).isFile()) return E.left(fileError(path, `could not read ${path}: it is not a regular file; name a file`))
      const handle = await open(path, "r")
      try {
        return E.right(await handle.readFile())
      } finally {
        await handle.close()
      }
    } catch (error) {
      return E.left(fromSystem("read", path)(error))
    }
  }
