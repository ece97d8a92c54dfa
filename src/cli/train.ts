/** `stillpoint train`. */
import * as E from "fp-ts/lib/Either.js"
import type { StillpointError } from "../core/index.js"
import {
  type Config,
  type DecodeError,
  decodeConfig,
  type FileError,
  parseSetting,
  parseSettings,
  progressWriter,
  type RunResult,
  readFileBytes,
  run,
  type Segmentation,
  type Setting,
  type Summary,
} from "../models/index.js"
import { listen } from "./interrupts.js"
import { type TrainOptions, threadsOf, type UsageError, usage } from "./options.js"
import { defaultRoot, freeName, runNamed, runsIn } from "./runs.js"

/** How the command is to be called again: `npm start --` when that is how it was called. */
const self = (): string => (process.env.npm_lifecycle_event === "start" ? "npm start --" : "stillpoint train")

const numbered = (key: "seed" | "steps", value: string | undefined): readonly Setting[] =>
  value === undefined ? [] : [{ name: key, value: /^\d+$/.test(value) ? Number(value) : value }]

const fileSettings = async (path: string | undefined): Promise<E.Either<DecodeError | FileError, readonly Setting[]>> => {
  if (path === undefined) return E.right([])
  const bytes = await readFileBytes(path)()
  return E.isLeft(bytes) ? bytes : parseSettings(new TextDecoder().decode(bytes.right), path)
}

/** All that the command line sets, the weakest first. */
const settingsOf = async (options: TrainOptions): Promise<E.Either<DecodeError | FileError, readonly Setting[]>> => {
  const file = await fileSettings(options.config)
  if (E.isLeft(file)) return file
  const set: Setting[] = []
  for (const text of options.set) {
    const one = parseSetting(text)
    if (E.isLeft(one)) return one
    set.push(one.right)
  }
  const target: readonly Setting[] = options.target === undefined ? [] : [{ name: "target", value: options.target }]
  return E.right([...file.right, ...set, ...target, ...numbered("seed", options.seed), ...numbered("steps", options.steps)])
}

const nameFor = ({ name, resume }: TrainOptions, root: string): E.Either<UsageError, string> => {
  if (!resume) return E.right(name ?? freeName(root, "tetrominoes"))
  if (name !== undefined) return runNamed(root, name)
  const [latest] = runsIn(root)
  return latest === undefined ? E.left(usage(`--resume: there is no run with a checkpoint in ${root}/ to go on with`)) : E.right(latest)
}

const cell = (value: number | null): string => (value === null ? "-" : value.toFixed(3)).padStart(14)

const scores = ({ trained, untrained, byColour, byHue, scenes }: Summary): readonly string[] => {
  const row = (name: string, s: Segmentation, mse: number | null) =>
    `${name.padEnd(18)}${cell(s.fgAri)}${cell(s.fgAriSameColour)}${(mse === null ? "-" : mse.toPrecision(3)).padStart(10)}`
  return [
    `${`${scenes.count} held-out scenes`.padEnd(18)}${"FG-ARI".padStart(14)}${"shared colour".padStart(14)}${"MSE".padStart(10)}`,
    row("this run", trained.scores, trained.scores.mse),
    row("  decoder's masks", trained.scores.decoder, null),
    row("untrained", untrained, untrained.mse),
    row("k-means on colour", byColour, null),
    row("k-means on hue", byHue, null),
  ]
}

const told = (result: RunResult, root: string): readonly string[] => {
  if (result._tag === "finished") return [...scores(result.summary), `report: ${result.folder.report}`]
  const { step, steps, folder } = result
  const where = root === defaultRoot ? "" : ` --runs ${root}`
  return [`stopped after step ${step} of ${steps} with a checkpoint; go on with: ${self()} --resume --name ${folder.name}${where}`]
}

/** Trains; answers with the exit code, or what went wrong. */
export const train = async (options: TrainOptions): Promise<E.Either<StillpointError | UsageError, number>> => {
  const root = options.runs ?? defaultRoot
  const settings = await settingsOf(options)
  if (E.isLeft(settings)) return E.left(usage(settings.left.message))
  const configure = (stored: Config | null) => decodeConfig(stored ?? {}, settings.right)
  const alone = configure(null)
  if (E.isLeft(alone)) return E.left(usage(alone.left.message))
  const threads = threadsOf(options.threads)
  if (E.isLeft(threads)) return threads
  const name = nameFor(options, root)
  if (E.isLeft(name)) return name
  const progress = progressWriter({ stream: process.stderr })
  progress.note(`${root}/${name.right}: ${options.resume ? "going on" : "training"}; Ctrl-C stops with a checkpoint`)
  const interrupts = listen(() => progress.note("stopping after this step; Ctrl-C again stops at once"))
  const result = await run({
    name: name.right,
    root,
    resume: options.resume,
    configure,
    threads: threads.right,
    progress,
    interrupted: interrupts.asked,
  })()
  interrupts.stopListening()
  if (E.isLeft(result)) return result
  for (const line of told(result.right, root)) console.log(line)
  return E.right(result.right._tag === "interrupted" ? 130 : 0)
}
