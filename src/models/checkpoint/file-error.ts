/** What the operating system said about a file, as one sentence with advice. */
import { type FileError, fileError } from "../failure.js"

const advice: Readonly<Record<string, string>> = {
  ENOENT: "it, or the folder it is in, does not exist; create the folder or check the path",
  EACCES: "permission denied; check who owns it",
  EPERM: "the operation is not permitted; check who owns it",
  ENOSPC: "the disk is full; make room and try again",
  EDQUOT: "the disk quota is used up; make room and try again",
  EROFS: "the file system is read-only; choose another folder",
  EEXIST: "there is a file of that name; choose another",
  EISDIR: "it is a folder; name a file",
  ENOTDIR: "a part of its path is not a folder; check the path",
  EMFILE: "too many files are open; close some or raise the limit",
  ENAMETOOLONG: "its name is too long; shorten it",
  ERR_FS_FILE_TOO_LARGE: "it is larger than 2 GiB, more than can be read at once",
}

/**
 * A `FileError` for an exception of `node:fs`.
 *
 * @param action what was tried, such as `"write"`
 *
 * @example
 * const listed = TE.tryCatch(() => readdir("runs"), fromSystem("list", "runs")) // Left(FileError) where there is no such folder
 */
export const fromSystem =
  (action: string, path: string) =>
  (error: unknown): FileError => {
    const code = error instanceof Error && "code" in error ? String(error.code) : ""
    const reason = advice[code] ?? (error instanceof Error ? error.message : String(error))
    return fileError(path, `could not ${action} ${path}: ${reason}${code === "" ? "" : ` (${code})`}`)
  }
