/**
 * `metrics.jsonl`: one JSON object a line, one line a record, in the order of steps. Node only.
 *
 * A line is written by one call and is in the system's hands when `append` returns, so it survives the death of the process; after a power
 * cut the last lines may be missing or torn. Numbers that JSON can't hold are the strings "NaN", "Infinity" and "-Infinity".
 */
import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, writeSync } from "node:fs"
import { stat } from "node:fs/promises"
import * as E from "fp-ts/lib/Either.js"
import { pipe } from "fp-ts/lib/function.js"
import * as TE from "fp-ts/lib/TaskEither.js"
import { fromSystem, readFileBytes, writeFileAtomic } from "../checkpoint/index.js"
import { type DecodeError, decodeError, type FileError, fileError } from "../failure.js"

/** Numbers by name, at a step. */
export interface MetricRecord {
  /** Steps done when the numbers were taken; a natural number. */
  readonly step: number
  readonly [name: string]: number
}

/** An open log. */
export interface MetricsLog {
  /** Records that were in the file when it was opened, after those past the checkpoint were dropped. */
  readonly before: readonly MetricRecord[]
  /** Adds a line. A `Left` when the system refuses or the log is closed. */
  readonly append: (record: MetricRecord) => E.Either<FileError, void>
  /** Waits until the disk has all lines; call it before the checkpoint that relies on them is written. */
  readonly flush: () => E.Either<FileError, void>
  /** Closes the file. Calls after the first do nothing. */
  readonly close: () => void
}

const spelled: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
}

const encodeLine = (record: MetricRecord): string => {
  const members = Object.entries(record).map(([name, value]) => {
    const text = Number.isFinite(value) ? (Object.is(value, -0) ? "-0" : String(value)) : JSON.stringify(String(value))
    return `${JSON.stringify(name)}:${text}`
  })
  return `{${members.join(",")}}\n`
}

/** A record, or why the line is none. */
const decodeLine = (line: string): E.Either<string, MetricRecord> => {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return E.left("is not JSON")
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return E.left("is no JSON object")
  const record: Record<string, number> = Object.create(null)
  for (const [name, member] of Object.entries(value)) {
    const number = typeof member === "string" && Object.hasOwn(spelled, member) ? spelled[member] : member
    if (typeof number !== "number") return E.left(`has "${name}" of another kind than a number`)
    record[name] = number
  }
  const step = record.step
  if (step === undefined || !Number.isSafeInteger(step) || step < 0) return E.left(`has no "step" that is a natural number`)
  return E.right({ ...record, step })
}

const decodeLog = (bytes: Uint8Array, path: string): E.Either<DecodeError, readonly MetricRecord[]> => {
  const lines = new TextDecoder().decode(bytes).split("\n")
  const records: MetricRecord[] = []
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!
    if (line === "") continue
    const record = decodeLine(line)
    if (E.isRight(record)) records.push(record.right)
    // the last piece is what a crash tore, whole or not; text with zeros is what a power cut leaves at the end of a file
    else if (lines.slice(i + 1).some((rest) => rest !== "")) {
      return E.left(decodeError(`${path}: line ${i + 1} ${record.left}; mend or delete that line`))
    }
  }
  return E.right(records)
}

/**
 * The records of a log; a torn last line is left out. `Left(DecodeError)` names a line in the middle that is no record.
 * `Left(FileError)` when the file can't be read.
 *
 * @example
 * const records = await readMetrics("runs/a/metrics.jsonl")()
 * if (E.isRight(records)) console.log(records.right.at(-1)?.loss)
 */
export const readMetrics = (path: string): TE.TaskEither<FileError | DecodeError, readonly MetricRecord[]> =>
  pipe(
    readFileBytes(path),
    TE.chainEitherKW((bytes) => decodeLog(bytes, path)),
  )

const writer = (path: string, before: readonly MetricRecord[]): E.Either<FileError, MetricsLog> => {
  let file: number | undefined
  let size = 0
  const attempt = (action: string, go: (file: number) => void): E.Either<FileError, void> => {
    if (file === undefined) return E.left(fileError(path, `could not ${action} ${path}: the log is closed`))
    const open = file
    return E.tryCatch(() => go(open), fromSystem(action, path))
  }
  try {
    file = openSync(path, "a")
    size = fstatSync(file).size
  } catch (error) {
    return E.left(fromSystem("open", path)(error))
  }
  return E.right({
    before,
    append: (record) => {
      if (!Number.isSafeInteger(record.step) || record.step < 0) {
        return E.left(fileError(path, `could not append to ${path}: "step" must be a natural number, found ${record.step}`))
      }
      return attempt("append to", (open) => {
        const line = Buffer.from(encodeLine(record))
        try {
          if (writeSync(open, line) < line.length) throw new Error("the disk took only a part of the line; make room and try again")
        } catch (error) {
          ftruncateSync(open, size) // no half line in the middle of the file
          throw error
        }
        size += line.length
      })
    },
    flush: () => attempt("flush", fsyncSync),
    close: () => {
      if (file !== undefined) closeSync(file)
      file = undefined
    },
  })
}

/**
 * Opens the log at `path` for a run that goes on after step `after`, the step of the checkpoint it loaded: records of later steps are dropped, since
 * they will be made again, and so is a torn last line. `null` is a fresh start, without a checkpoint: all records are dropped. The file is
 * rewritten whole before it is opened, so a crash meanwhile loses nothing.
 *
 * `Left(DecodeError)` when a line in the middle is no record: the file is then left as it is.
 *
 * @example
 * const log = await openMetricsLog("runs/a/metrics.jsonl", null)()
 * if (E.isRight(log)) {
 *   log.right.append({ step: 1, loss: 0.5 })
 *   log.right.close()
 * }
 */
export const openMetricsLog = (path: string, after: number | null): TE.TaskEither<FileError | DecodeError, MetricsLog> =>
  pipe(
    TE.tryCatch(
      () =>
        stat(path).then(
          () => true,
          (error: unknown) => {
            if (error instanceof Error && "code" in error && error.code === "ENOENT") return false
            throw error
          },
        ),
      fromSystem("open", path),
    ),
    TE.chainW((exists) => (exists ? readMetrics(path) : TE.right<FileError | DecodeError, readonly MetricRecord[]>([]))),
    TE.map((records) => records.filter(({ step }) => after !== null && step <= after)),
    TE.chainFirstW((kept) => writeFileAtomic(path, new TextEncoder().encode(kept.map(encodeLine).join("")))),
    TE.chainEitherKW((kept) => writer(path, kept)),
  )
