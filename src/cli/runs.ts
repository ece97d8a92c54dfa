/** Runs in a folder, by name. */
import { existsSync, readdirSync, statSync } from "node:fs"
import { basename, dirname, join, resolve } from "node:path"
import * as E from "fp-ts/lib/Either.js"
import type { StillpointError } from "../core/index.js"
import {
  checkpointName,
  hasCheckpoint,
  latestCheckpoint,
  type MetricRecord,
  metricsName,
  nearest,
  readMetrics,
  wrongName,
} from "../models/index.js"
import { type UsageError, usage } from "./options.js"

export const defaultRoot = "runs"

export const checkpointOf = (root: string, name: string): string => join(root, name, checkpointName)

const changed = (path: string): number | null => {
  try {
    return statSync(path).mtimeMs
  } catch {
    return null // not there, or just gone
  }
}

/** Names of the runs that have a checkpoint, the one that was written last first. */
export const runsIn = (root: string): readonly string[] => {
  if (!existsSync(root)) return []
  const dated = readdirSync(root).flatMap((name) => {
    const checkpoint = latestCheckpoint(checkpointOf(root, name))
    const at = checkpoint === null ? null : changed(checkpoint)
    return at === null ? [] : [{ name, at }]
  })
  return dated.sort((a, b) => b.at - a.at).map(({ name }) => name)
}

/** The first `<stem>-<n>` that nobody has. */
export const freeName = (root: string, stem: string): string => {
  let n = 1
  while (existsSync(join(root, `${stem}-${n}`))) n++
  return `${stem}-${n}`
}

/** A checkpoint that a user named. */
export interface FoundRun {
  readonly name: string
  /** Where what is made of it goes. */
  readonly folder: string
  readonly checkpoint: string
  /** What names of files made of it begin with: of another checkpoint than the run's last they stand beside that one's. */
  readonly prefix: string
}

const isFile = (path: string): boolean => {
  try {
    return statSync(path).isFile()
  } catch {
    return false // not there, or a part of its path is a file
  }
}

const withoutCheckpoint = (folder: string): UsageError => usage(`${folder} has no ${checkpointName}; name a run that was trained`)

/** What there is instead of what a user named. */
const notFound = (what: string, root: string, text: string): UsageError => {
  const runs = runsIn(root)
  const near = nearest(text, runs)
  const known =
    near === undefined
      ? `there are no runs in ${root}/ (--runs names another folder)`
      : `did you mean ${near}? Runs in ${root}/: ${runs.join(", ")}`
  return usage(`there is no ${what} ${JSON.stringify(text)}; ${known}`)
}

/** The name of a run under `root` that has a checkpoint; `Left` names the nearest one. */
export const runNamed = (root: string, name: string): E.Either<UsageError, string> => {
  const odd = wrongName(name)
  if (odd !== null) return E.left(usage(odd))
  if (hasCheckpoint(checkpointOf(root, name))) return E.right(name)
  return E.left(existsSync(join(root, name)) ? withoutCheckpoint(join(root, name)) : notFound("run", root, name))
}

/** The run of that name under `root`, the run in that folder, or that file; `Left` names the nearest run. */
export const findRun = (root: string, text: string): E.Either<UsageError, FoundRun> => {
  for (const folder of [join(root, text), text]) {
    const checkpoint = latestCheckpoint(checkpointOf(folder, ""))
    if (checkpoint !== null) return E.right({ name: basename(resolve(folder)), folder, checkpoint, prefix: "" })
  }
  if (isFile(text)) {
    const folder = dirname(text)
    const file = basename(text)
    return E.right(
      file === checkpointName
        ? { name: basename(resolve(folder)), folder, checkpoint: text, prefix: "" }
        : { name: file, folder, checkpoint: text, prefix: `${file.replace(/\.safetensors$/, "")}.` },
    )
  }
  const there = [text, join(root, text)].find((path) => existsSync(path))
  return E.left(there === undefined ? notFound("run, folder or file", root, text) : withoutCheckpoint(there))
}

/** Where the metrics of a run are. */
export const logOf = ({ folder }: FoundRun): string => join(folder, metricsName)

/** The metrics of a run up to the step of a checkpoint; null where there are none. */
export const metricsUpTo = async (run: FoundRun, last: number): Promise<E.Either<StillpointError, readonly MetricRecord[] | null>> => {
  if (!existsSync(logOf(run))) return E.right(null)
  return E.map((all: readonly MetricRecord[]) => all.filter(({ step }) => step <= last))(await readMetrics(logOf(run))())
}
