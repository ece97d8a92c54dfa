/** A whole run in its folder: trains, keeps metrics and checkpoints, evaluates, and writes the report. Node only. */
import { setImmediate } from "node:timers/promises"
import * as E from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import { openSession, type Session, type StillpointError } from "../../core/index.js"
import { writeFileAtomic } from "../checkpoint/index.js"
import { type Config, imageSourceOf } from "../config/index.js"
import { type OpenedSource, openSource, type SceneBatch } from "../data/index.js"
import type { DecodeError } from "../failure.js"
import { type ModelParams, trainable } from "../families/index.js"
import type { ProgressWriter } from "../progress/index.js"
import { renderReport } from "../report/index.js"
import { type MetricRecord, type MetricsLog, openRunFolder, type RunFolder } from "../run-folder/index.js"
import { type Bench, bench, finish, type Snapshot, type State, type Summary, summaryReport, usualThreads } from "../training/index.js"
import { agrees, type Loaded, loadLatest, save } from "./checkpoint.js"
import { mayBegin } from "./may-begin.js"

/** Images on which the refinement's convergence is measured: each is a solve of its own. */
const fewScenes = 16

/** What `run` is asked to do. */
export interface RunRequest {
  readonly name: string
  /** The folder of all runs. Default `runs`. */
  readonly root?: string
  /** Go on from the checkpoint in the run's folder. */
  readonly resume: boolean
  /** Threads that compute together (see `OpenOptions`); no bit of the run depends on their number. Default `usualThreads`. */
  readonly threads?: number | undefined
  /** The configuration, given that of the checkpoint (null: a new run). */
  readonly configure: (stored: Config | null) => E.Either<DecodeError, Config>
  readonly progress: ProgressWriter
  /** Asked after each step; true ends the run there, with a checkpoint. */
  readonly interrupted: () => boolean
}

/** How a run ended: at its last step, or where it was interrupted, with a checkpoint. */
export type RunResult =
  | { readonly _tag: "finished"; readonly folder: RunFolder; readonly summary: Summary }
  | { readonly _tag: "interrupted"; readonly folder: RunFolder; readonly step: number; readonly steps: number }

type Result<A> = E.Either<StillpointError, A>

/** What a run starts from: a checkpoint, or null for a new run. */
const startOf = async (folder: RunFolder, { name, root = "runs", resume, progress }: RunRequest): Promise<Result<Loaded | null>> => {
  if (resume) {
    const latest = await loadLatest(folder.checkpoint)()
    if (E.isLeft(latest)) return latest
    if (latest.right.fellBack !== null) progress.note(latest.right.fellBack)
    return E.right(latest.right.loaded)
  }
  const free = mayBegin(root, name)
  return E.isLeft(free) ? free : E.right(null)
}

const configFor = (request: RunRequest, folder: RunFolder, loaded: Loaded | null): E.Either<DecodeError, Config> => {
  const config = request.configure(loaded?.description.config ?? null)
  if (E.isLeft(config) || loaded === null) return config
  const fits = agrees(loaded.description, config.right, folder.checkpoint)
  return E.isLeft(fits) ? fits : config
}

interface Going {
  readonly on: Bench<ModelParams>
  /** On which numbers are taken now and then. */
  readonly scenes: SceneBatch
  readonly config: Config
  readonly folder: RunFolder
  readonly log: MetricsLog
  readonly request: RunRequest
}

const saveTo = async ({ folder, config, log }: Going, snapshot: Snapshot<ModelParams>): Promise<Result<void>> => {
  const flushed = log.flush() // the checkpoint relies on the lines before it
  return E.isLeft(flushed) ? flushed : save(folder.checkpoint, config, snapshot)()
}

/** Adds to what stopped a run where it can go on from. */
const withAdvice =
  (folder: RunFolder, saved: number) =>
  (error: StillpointError): StillpointError => ({
    ...error,
    message: `${error.message}\nThe checkpoint of step ${saved} is intact: ${folder.checkpoint}`,
  })

interface Ended {
  readonly snapshot: Snapshot<ModelParams>
  readonly interrupted: boolean
  readonly metrics: readonly MetricRecord[]
}

/** Steps from a snapshot until the last one, an interruption, or a failure. */
const follow = async (going: Going, from: Snapshot<ModelParams>): Promise<Result<Ended>> => {
  const { on, scenes, config, folder, log, request } = going
  const { steps, training } = config
  const metrics: MetricRecord[] = [...log.before]
  if (from.step >= steps) return E.right({ snapshot: from, interrupted: false, metrics })
  let saved = from.step
  let measured: Readonly<Record<string, number>> = metrics.findLast((m) => m.spectralRadius !== undefined) ?? {}
  for await (const made of on.train(from)) {
    if (E.isLeft(made)) return E.left(withAdvice(folder, saved)(made.left))
    const { step, metrics: told, skipped, state } = made.right
    if (skipped !== null) request.progress.note(`${skipped}\nSkipped; the state is as it was.`)
    const due = step % training.evaluateEvery === 0 || step === steps
    const numbers: Result<Readonly<Record<string, number>>> = due ? await on.measure(state[0], scenes)() : E.right({})
    if (E.isLeft(numbers)) return E.left(withAdvice(folder, saved)(numbers.left))
    if (due) measured = numbers.right
    const record: MetricRecord = { step, ...told, ...(skipped === null ? {} : { skipped: 1 }), ...numbers.right }
    metrics.push(record)
    const logged = log.append(record)
    if (E.isLeft(logged)) return logged
    request.progress.update({
      step,
      steps,
      loss: told.loss,
      residual: told.residual,
      fgAri: measured.fgAri,
      spectralRadius: measured.spectralRadius,
    })
    await setImmediate() // signals are heard here
    const interrupted = request.interrupted() && step < steps
    if (!interrupted && step % training.checkpointEvery !== 0 && step !== steps) continue
    const leaves = await on.session.read(state)()
    if (E.isLeft(leaves)) return leaves
    const snapshot = { step, state: leaves.right as unknown as State<ModelParams> } // what is read has the tree of what was kept
    const written = await saveTo(going, snapshot)
    if (E.isLeft(written)) return written
    saved = step
    if (interrupted || step === steps) return E.right({ snapshot, interrupted, metrics })
  }
  return E.right({ snapshot: from, interrupted: false, metrics }) // not reached: the stream has no end of its own
}

/** What a run is done with, and the images that it never trains on. */
const prepared = (session: Session, config: Config, source: OpenedSource): Result<Pick<Going, "on" | "scenes"> & { final: SceneBatch }> => {
  const { scenes: now, finalScenes } = config.evaluation
  const few = source.heldOut(fewScenes)
  if (E.isLeft(few)) return few
  const scenes = source.heldOut(now)
  if (E.isLeft(scenes)) return scenes
  const final = source.heldOut(finalScenes)
  if (E.isLeft(final)) return final
  return E.right({ on: bench(session, config, trainable(config), source, few.right), scenes: scenes.right, final: final.right })
}

const inSession = async (
  session: Session,
  source: OpenedSource,
  folder: RunFolder,
  request: RunRequest,
  loaded: Loaded | null,
  config: Config,
): Promise<Result<RunResult>> => {
  const ready = prepared(session, config, source)
  if (E.isLeft(ready)) return ready
  const { on, scenes, final } = ready.right
  const begun: Result<Snapshot<ModelParams>> = loaded === null ? await on.begin() : E.right(loaded.snapshot)
  if (E.isLeft(begun)) return begun
  const log = await folder.openMetrics(loaded?.snapshot.step ?? null)()
  if (E.isLeft(log)) return log
  const going = { on, scenes, config, folder, log: log.right, request }
  try {
    if (loaded === null) {
      const written = await saveTo(going, begun.right)
      if (E.isLeft(written)) return written
    }
    const ended = await follow(going, begun.right)
    request.progress.end()
    if (E.isLeft(ended)) return ended
    const { snapshot, interrupted, metrics } = ended.right
    if (interrupted) return E.right({ _tag: "interrupted", folder, step: snapshot.step, steps: config.steps })
    const summary = await finish(on, config, folder.name, snapshot, metrics, final, source)()
    if (E.isLeft(summary)) return summary
    const page = new TextEncoder().encode(renderReport(summaryReport(summary.right)))
    const reported = await writeFileAtomic(folder.report, page)()
    return E.isLeft(reported) ? reported : E.right({ _tag: "finished", folder, summary: summary.right })
  } finally {
    log.right.close()
  }
}

/** A configuration with the images that it trains on, opened. */
interface Ready {
  readonly config: Config
  readonly source: OpenedSource
}

const readyFor = async (config: E.Either<DecodeError, Config>): Promise<Result<Ready>> => {
  if (E.isLeft(config)) return config
  const source = await openSource(imageSourceOf(config.right))()
  return E.isLeft(source) ? source : E.right({ config: config.right, source: source.right })
}

const inRunFolder = async (
  folder: RunFolder,
  request: RunRequest,
  loaded: Loaded | null,
  { config, source }: Ready,
): Promise<Result<RunResult>> => {
  for (const note of source.notes) request.progress.note(note)
  const { target } = config
  const session = await openSession(target, { threads: request.threads ?? usualThreads(target) })()
  if (E.isLeft(session)) return session
  try {
    return await inSession(session.right, source, folder, request, loaded, config)
  } finally {
    await session.right.close()
  }
}

/**
 * Trains in `<root>/<name>/`: `checkpoint.safetensors` (replaced whole, from before the first step on), `metrics.jsonl` (a line a step) and, at
 * the end, `report.html`. Equal configurations give equal files, interrupted or not. A `Left` leaves the last checkpoint as it was.
 *
 * @example
 * const progress = progressWriter({ stream: process.stderr })
 * const configure = () => decodeConfig({ steps: 1000 })
 * const ended = await run({ name: "a", resume: false, configure, progress, interrupted: () => false })()
 * if (E.isRight(ended)) console.log(ended.right._tag) // finished
 */
export const run =
  (request: RunRequest): TaskEither<StillpointError, RunResult> =>
  async () => {
    // of a new run what it needs is opened before its folder is made: what is wrong leaves none
    let ready = request.resume ? null : await readyFor(request.configure(null))
    if (ready !== null && E.isLeft(ready)) return ready
    const opened = await openRunFolder(request.name, request.root)()
    try {
      if (E.isLeft(opened)) return opened
      const loaded = await startOf(opened.right, request)
      if (E.isLeft(loaded)) return loaded
      ready ??= await readyFor(configFor(request, opened.right, loaded.right))
      return E.isLeft(ready) ? ready : await inRunFolder(opened.right, request, loaded.right, ready.right)
    } finally {
      request.progress.end()
      if (ready !== null && E.isRight(ready)) await ready.right.source.close()
      if (E.isRight(opened)) opened.right.close()
    }
  }
