/** `stillpoint inspect`. */
import * as E from "fp-ts/lib/Either.js"
import { type StillpointError, shown } from "../core/index.js"
import {
  afterRefinements,
  type Config,
  type Inspection,
  imageCount,
  imageSide,
  inputOf,
  inspectionReport,
  inspectRun,
  jsonText,
  type Loaded,
  layerOf,
  listTensors,
  load,
  progressWriter,
  renderReport,
  subjectNotes,
  summary,
  type TensorList,
} from "../models/index.js"
import type { InspectOptions, UsageError } from "./options.js"
import { defaultRoot, type FoundRun, findRun, logOf, metricsUpTo } from "./runs.js"
import { inSession, madeFolder, requestOf, subjectFor, written } from "./view.js"

type Ended = E.Either<StillpointError | UsageError, number>

const mostScenes = 64
const usualScenes = 8

const plain = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value))

const small = (value: number): string => (Number.isFinite(value) ? value.toPrecision(3) : String(value))

const tensorLines = ({ tensors, metadata }: TensorList, path: string): readonly string[] => {
  const width = Math.max(0, ...tensors.map(({ name }) => name.length))
  const elements = tensors.reduce((n, { shape }) => n + shape.reduce((a, b) => a * b, 1), 0)
  return [
    path,
    `${tensors.length} tensors of ${elements} numbers; not a run of Stillpoint, so there is no model to look into`,
    ...tensors.map(({ name, dtype, shape, bytes }) => `  ${name.padEnd(width)}  ${dtype.padEnd(4)}  [${shape.join(", ")}]  ${bytes} bytes`),
    ...Object.entries(metadata).map(([key, value]) => `metadata ${key}: ${shown(value)}`),
  ]
}

const courseLines = ({ courses }: Inspection, missing: string | null): readonly string[] => {
  const rows = Object.entries(courses)
  if (rows.length === 0) return [missing ?? "metrics so far: none"]
  const at = ({ value, step }: { readonly value: number; readonly step: number }) => `${small(value)} (step ${step})`.padEnd(24)
  const width = Math.max(...rows.map(([name]) => name.length)) + 2
  return [
    `${"metrics so far".padEnd(width + 2)}${"last".padEnd(24)}${"least".padEnd(24)}largest`,
    ...rows.map(([name, { last, least, most }]) => `  ${name.padEnd(width)}${at(last)}${at(least)}${at(most)}`.trimEnd()),
  ]
}

const convergenceLines = ({ convergence, subject }: Inspection, config: Config): readonly string[] => {
  const stop = config.model.iterations
  const after = afterRefinements(config)
  const { residuals, radius, largestRadius, norm } = convergence
  const column = (value: number | undefined) => (value ?? Number.NaN).toExponential(1).padStart(10)
  return [
    `residual |f(z) - z| / |f(z)| by refinement (${subject.source}): smallest tenth, median, largest tenth`,
    ...residuals.middle.map(
      (middle, i) =>
        `  ${String(i).padStart(4)}${column(residuals.low[i])}${column(middle)}${column(residuals.high[i])}${i === stop ? `  the solve stops here${after === "" ? "" : `; ${after}`}` : ""}`,
    ),
    `spectral radius of the refinement after ${stop}: mean ${small(radius)}, largest ${small(largestRadius)} (where that is a fixed point, below 1 it attracts)`,
    `norm of its Jacobian: mean ${small(norm)} (where that is a fixed point, below 1 refinements near it come nearer)`,
  ]
}

const lines = (inspection: Inspection, { description }: Loaded, path: string, missing: string | null): readonly string[] => {
  const { config, model, step } = description
  const { changed, parameters, tensors, subject } = inspection
  return [
    path,
    `step ${step} of ${config.steps}, ${parameters} parameters in ${tensors} tensors`,
    "",
    changed.length === 0 ? "configuration: all defaults" : "configuration, where it is not the default:",
    ...changed.map(({ name, before, after }) => `  ${name.padEnd(26)} ${plain(after)} (default ${plain(before)})`),
    "",
    ...summary(layerOf(model), inputOf(model, imageSide(config))).split("\n"),
    "",
    ...courseLines(inspection, missing),
    "",
    ...convergenceLines(inspection, config),
    ...subjectNotes(subject),
  ]
}

const recordOf = (inspection: Inspection, { description }: Loaded, checkpoint: string) => {
  const { subject, view, changed, ...rest } = inspection
  const { config, step } = description
  return {
    checkpoint,
    step,
    steps: config.steps,
    config,
    changed: changed.map(({ name, before, after }) => ({ name, default: before, value: after })),
    ...rest,
    data: { source: subject.source, images: subject.count, size: subject.size, fitted: subject.fitted, missing: subject.missing },
    mse: view.mse,
    numbers: Object.fromEntries(Object.entries(view.numbers).map(([name, values]) => [name, [...values]])),
  }
}

const inspectLoaded = async (options: InspectOptions, run: FoundRun): Promise<Ended> => {
  const request = requestOf(options, mostScenes)
  if (E.isLeft(request)) return request
  const { checkpoint, name } = run
  const loaded = await load(checkpoint)()
  if (E.isLeft(loaded)) return loaded
  const { config, step } = loaded.right.description
  const metrics = await metricsUpTo(run, step)
  if (E.isLeft(metrics)) return metrics
  const records = metrics.right ?? []
  const subject = await subjectFor(options, request.right, config, { heldOut: usualScenes, own: usualScenes })
  if (E.isLeft(subject)) return subject
  const folder = await madeFolder(options.out ?? run.folder)
  if (E.isLeft(folder)) return folder
  const progress = progressWriter({ stream: process.stderr })
  progress.note(`${checkpoint}: looking at ${imageCount(subject.right.count)} (${subject.right.source})`)
  const { iterations, seed, target, threads } = request.right
  const inspection = await inSession(target ?? config.target, threads, (session) =>
    inspectRun(session, loaded.right, records, subject.right, {
      seed: seed ?? config.seed,
      ...(iterations === null ? {} : { iterations }),
    })(),
  )
  progress.end()
  if (E.isLeft(inspection)) return inspection
  const page = renderReport(inspectionReport(inspection.right, loaded.right, records, name))
  const files = await written(folder.right, { [`${run.prefix}inspect.html`]: page })
  if (E.isLeft(files)) return files
  if (options.json) process.stdout.write(jsonText(recordOf(inspection.right, loaded.right, checkpoint)))
  else {
    const missing = metrics.right === null ? `there is no ${logOf(run)}` : null
    for (const line of [...lines(inspection.right, loaded.right, checkpoint, missing), `written: ${files.right.join(", ")}`])
      console.log(line)
  }
  return E.right(0)
}

/** Looks into a run or a file; answers with the exit code, or what went wrong. */
export const inspect = async (options: InspectOptions): Promise<Ended> => {
  const run = findRun(options.runs ?? defaultRoot, options.run)
  if (E.isLeft(run)) return run
  const { checkpoint } = run.right
  const list = await listTensors(checkpoint)()
  if (E.isLeft(list)) return list
  // a run's checkpoint holds its configuration; any other safetensors file is listed
  if ("stillpoint.format" in list.right.metadata && "config" in list.right.metadata) return inspectLoaded(options, run.right)
  if (options.json) process.stdout.write(jsonText({ file: checkpoint, ...list.right }))
  else for (const line of tensorLines(list.right, checkpoint)) console.log(line)
  return E.right(0)
}
