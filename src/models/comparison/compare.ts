/** Runs of several configurations side by side: each goes a stretch of steps in turn, so that all are equally far whenever it stops. */
import { existsSync } from "node:fs"
import { join } from "node:path"
import * as E from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import type { StillpointError } from "../../core/index.js"
import { writeFileAtomic } from "../checkpoint/index.js"
import type { Setting } from "../config/index.js"
import type { ProgressWriter } from "../progress/index.js"
import { renderReport } from "../report/index.js"
import { type MetricRecord, openRunFolder, type RunFolder, readMetrics } from "../run-folder/index.js"
import { hasCheckpoint, load, run } from "../runs/index.js"
import type { Summary } from "../training/index.js"
import { claim, timesIn } from "./comparison-folder.js"
import { comparisonReport } from "./comparison-page.js"
import type { Entrant } from "./contenders.js"
import { type Configured, entrantConfigs } from "./entrant-configs.js"
import { readTimes, secondsAStep, type Times, withStretch, writeTimes } from "./times.js"

/** What `compare` is asked to do. */
export interface CompareRequest {
  readonly name: string
  /** The folder of all runs. Default `runs`. */
  readonly root?: string
  /** Go on with a comparison that was stopped. */
  readonly resume: boolean
  /** Threads of each run. */
  readonly threads?: number | undefined
  readonly entrants: readonly Entrant[]
  /** What all have in common. */
  readonly settings: readonly Setting[]
  /** Steps that each goes in turn. */
  readonly stretch: number
  readonly progress: ProgressWriter
  readonly interrupted: () => boolean
}

/** How one of them did. */
export interface Outcome extends Configured {
  readonly metrics: readonly MetricRecord[]
  /** Median seconds of a step; NaN before the first. */
  readonly secondsAStep: number
  /** At the last step; null where it did not come so far. */
  readonly summary: Summary | null
  /** What stopped it, or null. */
  readonly failure: string | null
}

/** How far one of them came, in steps. */
export interface Reached {
  readonly entrant: Entrant
  readonly step: number
  readonly steps: number
}

/** How a comparison ended: whole, or where it was interrupted. */
export type CompareResult =
  | { readonly _tag: "finished"; readonly folder: RunFolder; readonly outcomes: readonly Outcome[] }
  | { readonly _tag: "interrupted"; readonly folder: RunFolder; readonly reached: readonly Reached[] }

type Result<A> = E.Either<StillpointError, A>

/** Seconds between the calls of a clock; the first interval, in which programs are compiled, is not among them. */
const stopwatch = () => {
  let last: number | null = null
  const seconds: number[] = []
  return {
    seconds,
    tick: (): void => {
      const now = performance.now() / 1000
      if (last !== null) seconds.push(now - last)
      last = now
    },
  }
}

/** Progress of one run as part of all; the line goes on when it ends. */
const asPart = (progress: ProgressWriter, tracks: readonly Track[], track: Track): ProgressWriter => ({
  note: progress.note,
  update: (at) => {
    track.step = at.step
    progress.update({
      ...at,
      step: total(tracks.map(({ step }) => step)),
      steps: total(tracks.map(({ step, config, failure }) => (failure === null ? config.steps : step))),
    })
  },
  end: () => undefined,
})

/** Failures of training itself, which belong to what is compared; all others end the comparison. */
const ofTraining = ({ _tag }: StillpointError): boolean => _tag === "NonFinite" || _tag === "NotConverged"

interface Track extends Configured {
  readonly checkpoint: string
  /** How far it is. */
  step: number
  summary: Summary | null
  failure: string | null
}

/** Everybody, as far as they are; a checkpoint that can't be read is told by the run that goes on from it. */
const tracksIn = async (folder: RunFolder, all: readonly Configured[]): Promise<readonly Track[]> => {
  const tracks: Track[] = []
  for (const { entrant, config } of all) {
    const checkpoint = join(folder.folder, entrant.folder, "checkpoint.safetensors")
    const loaded = hasCheckpoint(checkpoint) ? await load(checkpoint)() : null
    const step = loaded !== null && E.isRight(loaded) ? loaded.right.description.step : 0
    tracks.push({ entrant, config, checkpoint, step, summary: null, failure: null })
  }
  return tracks
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)

/** Whether somebody asked to stop, and how long steps have taken. */
interface Went {
  readonly asked: boolean
  readonly times: Times
}

/** One entrant until step `to`. `Left` for a failure that is not one of its training. */
const go = async (
  request: CompareRequest,
  folder: RunFolder,
  track: Track,
  to: number,
  progress: ProgressWriter,
  times: Times,
): Promise<Result<Went>> => {
  const { entrant, config, checkpoint } = track
  const clock = stopwatch()
  let asked = false
  const ended = await run({
    name: entrant.folder,
    root: folder.folder,
    resume: hasCheckpoint(checkpoint),
    threads: request.threads,
    configure: () => E.right(config),
    progress,
    interrupted: () => {
      clock.tick()
      asked ||= request.interrupted()
      return asked || track.step >= to
    },
  })()
  if (E.isLeft(ended) && !ofTraining(ended.left)) return ended
  if (E.isLeft(ended)) track.failure = ended.left.message
  else if (ended.right._tag === "finished") track.summary = ended.right.summary
  request.progress.note(`${entrant.folder}: ${track.failure === null ? "at" : "ended early after"} step ${track.step} of ${config.steps}`)
  return E.right({ asked, times: withStretch(times, entrant.folder, clock.seconds) })
}

const metricsOf = async (folder: RunFolder, { entrant }: Track): Promise<Result<readonly MetricRecord[]>> => {
  const path = join(folder.folder, entrant.folder, "metrics.jsonl")
  return existsSync(path) ? readMetrics(path)() : E.right([])
}

const outcomesOf = async (folder: RunFolder, tracks: readonly Track[], times: Times): Promise<Result<readonly Outcome[]>> => {
  const outcomes: Outcome[] = []
  for (const track of tracks) {
    const metrics = await metricsOf(folder, track)
    if (E.isLeft(metrics)) return metrics
    const { entrant, config, summary, failure } = track
    outcomes.push({ entrant, config, metrics: metrics.right, summary, failure, secondsAStep: secondsAStep(times, entrant.folder) })
  }
  return E.right(outcomes)
}

const reachedBy = (tracks: readonly Track[]): readonly Reached[] =>
  tracks.map(({ entrant, step, config }) => ({ entrant, step, steps: config.steps }))

const inFolder = async (request: CompareRequest, folder: RunFolder, tracks: readonly Track[]): Promise<Result<CompareResult>> => {
  const steps = Math.max(...tracks.map(({ config }) => config.steps))
  const read = await readTimes(timesIn(folder.folder))
  if (E.isLeft(read)) return read
  let times = read.right
  for (let to = Math.min(request.stretch, steps); ; to = Math.min(to + request.stretch, steps)) {
    let went = 0
    for (const track of tracks) {
      if (track.failure !== null || track.summary !== null) continue
      if (track.step >= to && to < steps) continue // before the comparison was stopped
      const gone = await go(request, folder, track, to, asPart(request.progress, tracks, track), times)
      if (E.isLeft(gone)) return gone
      went++
      times = gone.right.times
      const kept = await writeTimes(timesIn(folder.folder), times)
      if (E.isLeft(kept)) return kept
      if (gone.right.asked) return E.right({ _tag: "interrupted", folder, reached: reachedBy(tracks) })
    }
    if (went === 0 && to < steps) continue // drawn before the comparison was stopped
    const outcomes = await outcomesOf(folder, tracks, times)
    if (E.isLeft(outcomes)) return outcomes
    const page = new TextEncoder().encode(renderReport(comparisonReport(folder.name, outcomes.right)))
    const written = await writeFileAtomic(folder.report, page)()
    if (E.isLeft(written)) return written
    if (to === steps) return E.right({ _tag: "finished", folder, outcomes: outcomes.right })
  }
}

/**
 * Trains entrants side by side in `<root>/<name>/<entrant>/`, each a run of its own, and draws their curves over equal steps and over equal
 * time in `<root>/<name>/report.html`, anew after each stretch. One that fails is told and shown up to there; the others go on.
 *
 * @example
 * const asked = { name: "gradients", resume: false, entrants, settings: [], stretch: 250, progress, interrupted: () => false }
 * const ended = await compareRuns(asked)()
 * if (E.isRight(ended) && ended.right._tag === "finished") console.log(ended.right.outcomes.length)
 */
export const compareRuns =
  (request: CompareRequest): TaskEither<StillpointError, CompareResult> =>
  async () => {
    const all = entrantConfigs(request.entrants, request.settings)
    if (E.isLeft(all)) return all
    const opened = await openRunFolder(request.name, request.root)()
    if (E.isLeft(opened)) return opened
    const folder = opened.right
    try {
      const claimed = await claim(folder, request.resume)
      if (E.isLeft(claimed)) return claimed
      return await inFolder(request, folder, await tracksIn(folder, all.right))
    } finally {
      request.progress.end()
      folder.close()
    }
  }
