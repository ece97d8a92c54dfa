/** `stillpoint eval`. */
import * as E from "fp-ts/lib/Either.js"
import type { StillpointError } from "../core/index.js"
import {
  assess,
  assessmentRecord,
  assessmentReport,
  assessmentTable,
  imageCount,
  jsonText,
  load,
  progressWriter,
  renderReport,
  subjectNotes,
} from "../models/index.js"
import type { EvalOptions, UsageError } from "./options.js"
import { defaultRoot, findRun } from "./runs.js"
import { tableLines } from "./table.js"
import { inSession, madeFolder, requestOf, subjectFor, written } from "./view.js"

const mostScenes = 100_000

/** Evaluates; answers with the exit code, or what went wrong. */
export const evaluate = async (options: EvalOptions): Promise<E.Either<StillpointError | UsageError, number>> => {
  const request = requestOf(options, mostScenes)
  if (E.isLeft(request)) return request
  const run = findRun(options.runs ?? defaultRoot, options.run)
  if (E.isLeft(run)) return run
  const { checkpoint, name, prefix } = run.right
  const loaded = await load(checkpoint)()
  if (E.isLeft(loaded)) return loaded
  const { config } = loaded.right.description
  const usual = { heldOut: config.evaluation.finalScenes, own: mostScenes }
  const subject = await subjectFor(options, request.right, config, usual)
  if (E.isLeft(subject)) return subject
  const folder = await madeFolder(options.out ?? run.right.folder)
  if (E.isLeft(folder)) return folder
  const progress = progressWriter({ stream: process.stderr })
  progress.note(`${checkpoint}: evaluating on ${imageCount(subject.right.count)} (${subject.right.source})`)
  const seed = request.right.seed ?? config.seed
  const told = (step: number, steps: number) => progress.update({ step, steps, unit: "image" })
  const assessment = await inSession(request.right.target ?? config.target, request.right.threads, (session) =>
    assess(session, loaded.right, subject.right, { seed, told })(),
  )
  progress.end()
  if (E.isLeft(assessment)) return assessment
  const record = jsonText(assessmentRecord(assessment.right, loaded.right, checkpoint))
  const page = renderReport(assessmentReport(assessment.right, loaded.right, name))
  const files = await written(folder.right, { [`${prefix}eval.json`]: record, [`${prefix}eval.html`]: page })
  if (E.isLeft(files)) return files
  if (options.json) process.stdout.write(record)
  else
    for (const line of [
      ...tableLines(assessmentTable(assessment.right)),
      ...subjectNotes(subject.right),
      `written: ${files.right.join(", ")}`,
    ])
      console.log(line)
  return E.right(0)
}
