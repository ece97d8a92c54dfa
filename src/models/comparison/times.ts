/** How long steps took: kept beside the runs, whose own files say nothing of time, so that equal runs have equal files. */
import * as E from "fp-ts/lib/Either.js"
import type { StillpointError } from "../../core/index.js"
import { parse, readFileBytes, writeFileAtomic } from "../checkpoint/index.js"
import { atLeastZero, decodeAs, listOf, recordOf } from "../schema/index.js"

/** Median seconds of a step in each stretch, by the folder of the run. */
export type Times = Readonly<Record<string, readonly number[]>>

const codec = recordOf(listOf(atLeastZero, "a list of seconds"), "seconds of a step by run")

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/** Seconds of a step of a run; NaN where it made none. */
export const secondsAStep = (times: Times, folder: string): number => median(times[folder] ?? [])

/** With another stretch, by the seconds that each of its steps took. */
export const withStretch = (times: Times, folder: string, seconds: readonly number[]): Times =>
  seconds.length === 0 ? times : { ...times, [folder]: [...(times[folder] ?? []), median(seconds)] }

/** What was kept. */
export const readTimes = async (path: string): Promise<E.Either<StillpointError, Times>> => {
  const bytes = await readFileBytes(path)()
  if (E.isLeft(bytes)) return bytes
  const parsed = parse(new TextDecoder().decode(bytes.right), path)
  return E.isLeft(parsed) ? parsed : decodeAs(codec, path, parsed.right)
}

/** Keeps them. */
export const writeTimes = (path: string, times: Times): Promise<E.Either<StillpointError, void>> =>
  writeFileAtomic(path, new TextEncoder().encode(`${JSON.stringify(times)}\n`))()
