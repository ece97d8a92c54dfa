/** `stillpoint compare`. */
import * as E from "fp-ts/lib/Either.js"
import type { StillpointError } from "../core/index.js"
import {
  type CompareResult,
  compareRuns,
  comparisonTable,
  decodeConfig,
  endedEarly,
  entrantConfigs,
  entrants,
  progressWriter,
  variantTexts,
} from "../models/index.js"
import { comparisonNamed } from "./comparisons.js"
import { listen } from "./interrupts.js"
import { type CompareOptions, threadsOf, type UsageError, usage } from "./options.js"
import { defaultRoot, freeName } from "./runs.js"
import { settingsOf } from "./settings.js"
import { tableLines } from "./table.js"
import { word } from "./word.js"

const usualVariants = "unrolled,oneStep,exact"

const seedsOf = (text: string): E.Either<UsageError, readonly number[]> => {
  const seeds = text.split(",").map((part) => part.trim())
  return seeds.every((seed) => /^\d{1,10}$/.test(seed))
    ? E.right(seeds.map(Number))
    : E.left(usage(`--seeds: expected whole numbers divided by commas, such as 0,1,2, found ${JSON.stringify(text)}`))
}

const nameFor = ({ name, resume }: CompareOptions, root: string): E.Either<UsageError, string> => {
  if (!resume) return E.right(name ?? freeName(root, "compare"))
  return name === undefined ? E.left(usage("--resume: name the comparison to go on with, --name NAME")) : comparisonNamed(root, name)
}

const told = (ended: CompareResult, root: string): readonly string[] => {
  const { folder } = ended
  if (ended._tag === "finished") {
    const early = endedEarly(ended.outcomes).map((text) => text.split("\n")[0] as string)
    return [...tableLines(comparisonTable(ended.outcomes)), ...early, `report: ${folder.report}`]
  }
  const made = ended.reached.map(({ step }) => step)
  const [least, most] = [Math.min(...made), Math.max(...made)]
  const steps = Math.max(...ended.reached.map((one) => one.steps))
  const where = root === defaultRoot ? "" : ` --runs ${word(root)}`
  const range = least === most ? String(most) : `${least} to ${most}`
  return [
    `stopped with checkpoints: the runs have made ${range} of ${steps} steps; go on with the same command and --resume --name ${folder.name}${where}`,
  ]
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
  if (options.set.some((text) => text.startsWith("seed=")))
    return E.left(usage("--set seed: every variant is trained with each seed of --seeds; give it there"))
  const all = entrants(variantTexts(options.variants ?? usualVariants), seeds.right)
  if (E.isLeft(all)) return E.left(usage(all.left.message))
  const configs = entrantConfigs(all.right, settings.right)
  if (E.isLeft(configs)) return E.left(usage(configs.left.message))
  const name = nameFor(options, root)
  if (E.isLeft(name)) return name
  const progress = progressWriter({ stream: process.stderr })
  progress.note(`${root}/${name.right}: ${all.right.length} runs side by side; Ctrl-C stops with checkpoints`)
  const interrupts = listen(() => progress.note("stopping after this step; Ctrl-C again stops at once"))
  const ended = await compareRuns({
    name: name.right,
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
  for (const line of told(ended.right, root)) console.log(line)
  return E.right(ended.right._tag === "interrupted" ? 130 : 0)
}
