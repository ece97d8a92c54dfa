/** `runs/<name>/`: what one training run writes, and the right to write it. Node only. */
import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { pipe } from "fp-ts/lib/function.js"
import * as TE from "fp-ts/lib/TaskEither.js"
import { fromSystem } from "../checkpoint/index.js"
import { type DecodeError, type FileError, fileError } from "../failure.js"
import { acquireLock } from "./lock.js"
import { type MetricsLog, openMetricsLog } from "./metrics-log.js"

/** A run folder that this process holds. */
export interface RunFolder {
  readonly name: string
  /** The folder itself and the files that belong in it. None of the files need exist yet. */
  readonly folder: string
  readonly checkpoint: string
  readonly metrics: string
  readonly report: string
  /**
   * Opens the metrics log for a run that goes on after step `after`, the step of the checkpoint that was loaded: records of later steps and a
   * torn last line are dropped. `null` is a fresh start: all that an earlier run under this name logged is dropped.
   */
  readonly openMetrics: (after: number | null) => TE.TaskEither<FileError | DecodeError, MetricsLog>
  /** Gives the folder back, so that another run may use it. A process that dies gives it back too. Calls after the first do nothing. */
  readonly close: () => void
}

/** What the last checkpoint of a run is called in its folder. */
export const checkpointName = "checkpoint.safetensors"

/** What its log of numbers is called. */
export const metricsName = "metrics.jsonl"

const goodName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/

/**
 * Why a word is no name for a run (it must be 1 to 100 letters, digits, dots, dashes or underscores and begin with a letter or digit), or null.
 *
 * @example
 * wrongName("tetrominoes-1") // null
 */
export const wrongName = (name: string): string | null => {
  if (goodName.test(name)) return null
  const found = JSON.stringify(name.length > 100 ? `${name.slice(0, 97)}...` : name)
  return `a run's name must be 1 to 100 letters, digits, ".", "-" or "_" and begin with a letter or digit, found ${found}; choose another`
}

/**
 * Opens, and makes where needed, the folder `<root>/<name>` for one run.
 *
 * `Left(FileError)` when another run is using it (the message names its process), the name would leave `root` or is hard to type
 * (see {@link wrongName}), or the system refuses.
 *
 * @param root default `"runs"`, in the working directory
 *
 * @example
 * const folder = await openRunFolder("a")() // Left(FileError) while another run is in runs/a
 * if (E.isRight(folder)) folder.right.close()
 */
export const openRunFolder = (name: string, root = "runs"): TE.TaskEither<FileError, RunFolder> => {
  const folder = join(root, name)
  const odd = wrongName(name)
  if (odd !== null) return TE.left(fileError(root, odd))
  return pipe(
    TE.tryCatch(() => mkdir(folder, { recursive: true }), fromSystem("make the folder", folder)),
    TE.chainEitherK(() => acquireLock(folder)),
    TE.map((lock): RunFolder => {
      const metrics = join(folder, metricsName)
      return {
        name,
        folder,
        metrics,
        checkpoint: join(folder, checkpointName),
        report: join(folder, "report.html"),
        openMetrics: (after) => openMetricsLog(metrics, after),
        close: lock.release,
      }
    }),
  )
}
