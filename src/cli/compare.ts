/** `stillpoint compare`. */
import * as E from "fp-ts/lib/Either.js"
import type { StillpointError } from "../core/index.js"
import { compareRuns, comparisonTable, decodeConfig, entrants, progressWriter } from "../models/index.js"
import { listen } from "./interrupts.js"
import { type CompareOptions, threadsOf, type UsageError, usage } from "./options.js"
import { defaultRoot, freeName } from "./runs.js"
import { settingsOf } from "./settings.js"
import { tableLines } from "./table.js"

const usualVariants = "unrolled,oneStep,exact"

const listed = (text: string): readonly string[] => text.split(",").map((part) => part.trim())

const seedsOf = (text: string): E.Either<UsageError, readonly number[]> => {
  const seeds = listed(text)
  return seeds.every((seed) => /^\d{1,10}$/.test(seed))
    ? E.right(seeds.map(Number))
    : E.left(usage(`--seeds: expected whole numbers divided by commas, such as 0,1,2, found ${JSON.stringify(text)}`))
}

/** Compares; answers with the exit code, or what went wrong. */
export const compare = async (options: CompareOptions): Promise<E.Either<StillpointError | UsageError, number>> => {
  const root = options.runs ?? defaultRoot
  const settings = await settingsOf(options)
  if (E.isLeft(settings)) return E.left(usage(settings.left.message))
  const config = decodeConfig({}, settings.right)
  if (E.isLeft(config)) return E.left(usage(config.left.message))
  const threads = threadsOf(options.threads)
  if (E.isLeft(threads)) return threads
  const seeds = seedsOf(options.seeds ?? "0,1,2")
  if (E.isLeft(seeds)) return seeds
  const all = entrants(listed(options.variants ?? usualVariants), seeds.right)
  if (E.isLeft(all)) return E.left(usage(all.left.message))
  if (options.resume && options.name === undefined) return E.left(usage("--resume: name the comparison to go on with, --name NAME"))
  const name = options.name ?? freeName(root, "compare")
  const progress = progressWriter({ stream: process.stderr })
  progress.note(`${root}/${name}: ${all.right.length} runs side by side; Ctrl-C stops with checkpoints`)
  const interrupts = listen(() => progress.note("stopping after this step; Ctrl-C again stops at once"))
  const ended = await compareRuns({
    name,
    root,
    resume: options.resume,
    threads: threads.right,
    entrants: all.right,
    settings: settings.right,
    stretch: config.right.training.evaluateEvery,
    progress,
    interrupted: interrupts.asked,
  })()
  interrupts.stopListening()
  if (E.isLeft(ended)) return ended
  if (ended.right._tag === "interrupted") {
    const where = root === defaultRoot ? "" : ` --runs ${root}`
    console.log(
      `stopped with checkpoints after step ${ended.right.step} of ${ended.right.steps}; go on with the same command and --resume --name ${name}${where}`,
    )
    return E.right(130)
  }
  for (const line of [...tableLines(comparisonTable(ended.right.outcomes)), `report: ${ended.right.folder.report}`]) console.log(line)
  return E.right(0)
}
