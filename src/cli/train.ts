/** `stillpoint train`. */
import * as E from "fp-ts/lib/Either.js"
import type { StillpointError } from "../core/index.js"
import { decodeConfig, progressWriter, type RunResult, run, summaryTable } from "../models/index.js"
import { listen } from "./interrupts.js"
import { type TrainOptions, threadsOf, type UsageError, usage } from "./options.js"
import { runToTrain } from "./run-to-train.js"
import { defaultRoot } from "./runs.js"
import { settingsOf } from "./settings.js"
import { tableLines } from "./table.js"
import { word } from "./word.js"

/** How the command is to be called again: `npm start --` when that is how it was called. */
const self = (): string => (process.env.npm_lifecycle_event === "start" ? "npm start --" : "stillpoint train")

const told = (result: RunResult, root: string): readonly string[] => {
  if (result._tag === "finished") return [...tableLines(summaryTable(result.summary)), `report: ${result.folder.report}`]
  const { step, steps, folder } = result
  const where = root === defaultRoot ? "" : ` --runs ${word(root)}`
  return [`stopped after step ${step} of ${steps} with a checkpoint; go on with: ${self()} --resume --name ${folder.name}${where}`]
}

/** Trains; answers with the exit code, or what went wrong. */
export const train = async (options: TrainOptions): Promise<E.Either<StillpointError | UsageError, number>> => {
  const root = options.runs ?? defaultRoot
  const settings = await settingsOf(options)
  if (E.isLeft(settings)) return E.left(usage(settings.left.message))
  const threads = threadsOf(options.threads)
  if (E.isLeft(threads)) return threads
  const name = await runToTrain(options, root, settings.right)
  if (E.isLeft(name)) return name
  const progress = progressWriter({ stream: process.stderr })
  progress.note(`${root}/${name.right}: ${options.resume ? "going on" : "training"}; Ctrl-C stops with a checkpoint`)
  const interrupts = listen(() => progress.note("stopping after this step; Ctrl-C again stops at once"))
  const result = await run({
    name: name.right,
    root,
    resume: options.resume,
    configure: (stored) => decodeConfig(stored ?? {}, settings.right),
    threads: threads.right,
    progress,
    interrupted: interrupts.asked,
  })()
  interrupts.stopListening()
  if (E.isLeft(result)) return result
  for (const line of told(result.right, root)) console.log(line)
  return E.right(result.right._tag === "interrupted" ? 130 : 0)
}
