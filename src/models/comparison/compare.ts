/** Runs of several configurations side by side: each goes a stretch of steps in turn, so that all are equally far whenever it stops. */
import { existsSync } from "node:fs"
import { join } from "node:path"
import * as E from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import type { StillpointError } from "../../core/index.js"
import { writeFileAtomic } from "../checkpoint/index.js"
import { type Config, decodeConfig, type Setting } from "../config/index.js"
import { fileError } from "../failure.js"
import type { ProgressWriter } from "../progress/index.js"
import { renderReport } from "../report/index.js"
import { type MetricRecord, openRunFolder, type RunFolder, readMetrics } from "../run-folder/index.js"
import { hasCheckpoint, run } from "../runs/index.js"
import type { Summary } from "../training/index.js"
import { comparisonReport } from "./comparison-page.js"
import type { Entrant } from "./contenders.js"
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
export interface Outcome {
  readonly entrant: Entrant
  readonly config: Config
  readonly metrics: readonly MetricRecord[]
  /** Median seconds of a step; NaN before the first. */
  readonly secondsAStep: number
  /** At the last step; null where it did not come so far. */
  readonly summary: Summary | null
  /** What stopped it, or null. */
  readonly failure: string | null
}

/** How a comparison ended: whole, or where it was interrupted. */
export type CompareResult =
  | { readonly _tag: "finished"; readonly folder: RunFolder; readonly outcomes: readonly Outcome[] }
  | { readonly _tag: "interrupted"; readonly folder: RunFolder; readonly step: number; readonly steps: number }

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
const asPart = (progress: ProgressWriter, before: number, all: number): ProgressWriter => ({
  note: progress.note,
  update: (at) => progress.update({ ...at, step: before + at.step, steps: all }),
  end: () => undefined,
})

/** Failures of training itself, which belong to what is compared; all others end the comparison. */
const ofTraining = ({ _tag }: StillpointError): boolean => _tag === "NonFinite" || _tag === "NotConverged"

interface Track {
  readonly entrant: Entrant
  readonly config: Config
  summary: Summary | null
  failure: string | null
}

/** Steps that all have made before a stretch that ends at `to`, and that those before `index` make in it. */
const doneBefore = (tracks: readonly Track[], index: number, from: number, to: number): number => tracks.length * from + index * (to - from)

const prepare = (request: CompareRequest): Result<readonly Track[]> => {
  const tracks: Track[] = []
  for (const entrant of request.entrants) {
    const settings = [...request.settings, ...entrant.contender.settings, { name: "seed", value: entrant.seed }]
    const config = decodeConfig({}, settings)
    if (E.isLeft(config)) return config
    tracks.push({ entrant, config: config.right, summary: null, failure: null })
  }
  return E.right(tracks)
}

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
  const { entrant, config } = track
  const clock = stopwatch()
  let [asked, step] = [false, 0]
  const told: ProgressWriter = {
    ...progress,
    update: (at) => {
      step = at.step
      progress.update(at)
    },
  }
  const ended = await run({
    name: entrant.folder,
    root: folder.folder,
    resume: hasCheckpoint(join(folder.folder, entrant.folder, "checkpoint.safetensors")),
    threads: request.threads,
    configure: () => E.right(config),
    progress: told,
    interrupted: () => {
      clock.tick()
      asked ||= request.interrupted()
      return asked || step >= to
    },
  })()
  if (E.isLeft(ended) && !ofTraining(ended.left)) return ended
  if (E.isLeft(ended)) track.failure = ended.left.message
  else if (ended.right._tag === "finished") track.summary = ended.right.summary
  request.progress.note(`${entrant.folder}: ${track.failure === null ? `at step ${step} of ${config.steps}` : "ended early"}`)
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

const inFolder = async (request: CompareRequest, folder: RunFolder, tracks: readonly Track[]): Promise<Result<CompareResult>> => {
  const steps = Math.max(...tracks.map(({ config }) => config.steps))
  const read = await readTimes(join(folder.folder, "times.json"))
  if (E.isLeft(read)) return read
  let times = read.right
  for (let from = 0; from < steps; from += request.stretch) {
    const to = Math.min(from + request.stretch, steps)
    let went = 0
    for (const [i, track] of tracks.entries()) {
      if (track.failure !== null || track.summary !== null) continue
      const before = await metricsOf(folder, track)
      if (E.isLeft(before)) return before
      if ((before.right.at(-1)?.step ?? 0) >= to && to < steps) continue // before the comparison was stopped
      const progress = asPart(request.progress, doneBefore(tracks, i, from, to) - from, tracks.length * steps)
      const gone = await go(request, folder, track, to, progress, times)
      if (E.isLeft(gone)) return gone
      went++
      times = gone.right.times
      const kept = await writeTimes(join(folder.folder, "times.json"), times)
      if (E.isLeft(kept)) return kept
      if (gone.right.asked) return E.right({ _tag: "interrupted", folder, step: from, steps })
    }
    if (went === 0 && to < steps) continue // drawn before the comparison was stopped
    const outcomes = await outcomesOf(folder, tracks, times)
    if (E.isLeft(outcomes)) return outcomes
    const page = new TextEncoder().encode(renderReport(comparisonReport(folder.name, outcomes.right)))
    const written = await writeFileAtomic(folder.report, page)()
    if (E.isLeft(written)) return written
    if (to === steps) return E.right({ _tag: "finished", folder, outcomes: outcomes.right })
  }
  return E.right({ _tag: "finished", folder, outcomes: [] })
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
    const tracks = prepare(request)
    if (E.isLeft(tracks)) return tracks
    const opened = await openRunFolder(request.name, request.root)()
    if (E.isLeft(opened)) return opened
    const folder = opened.right
    try {
      if (!request.resume && existsSync(join(folder.folder, "times.json")))
        return E.left(
          fileError(
            folder.folder,
            `${folder.folder} holds a comparison already; go on with --resume --name ${folder.name}, choose another --name, or delete the folder`,
          ),
        )
      return await inFolder(request, folder, tracks.right)
    } finally {
      request.progress.end()
      folder.close()
    }
  }
