/** `stillpoint train`. */
import * as E from "fp-ts/lib/Either.js"
import type { StillpointError } from "../core/index.js"
import {
  type Config,
  type DecodeError,
  decodeConfig,
  decodeError,
  drawnSources,
  type FileError,
  parseSetting,
  parseSettings,
  presetSettings,
  progressWriter,
  type RunResult,
  readFileBytes,
  run,
  type Setting,
  type Summary,
  summaryTable,
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
  const preset = options.preset === undefined ? E.right([]) : presetSettings(options.preset)
  if (E.isLeft(preset)) return E.left(decodeError(`--preset: ${preset.left.message}`))
  const named = (name: string, value: string | undefined): readonly Setting[] => (value === undefined ? [] : [{ name, value }])
  const model = named("family", options.model)
  const images =
    options.data === undefined
      ? []
      : drawnSources.includes(options.data)
        ? named("data.source", options.data)
        : [...named("data.source", "files"), ...named("data.path", options.data)]
  const target: readonly Setting[] = options.target === undefined ? [] : [{ name: "target", value: options.target }]
  return E.right([
    ...preset.right,
    ...model,
    ...images,
    ...file.right,
    ...set,
    ...target,
    ...numbered("seed", options.seed),
    ...numbered("steps", options.steps),
  ])
}

const nameFor = ({ name, resume }: TrainOptions, root: string, stem: string): E.Either<UsageError, string> => {
  if (!resume) return E.right(name ?? freeName(root, stem))
  if (name !== undefined) return runNamed(root, name)
  const [latest] = runsIn(root)
  return latest === undefined ? E.left(usage(`--resume: there is no run with a checkpoint in ${root}/ to go on with`)) : E.right(latest)
}

const scores = (summary: Summary): readonly string[] => {
  const { title, columns, rows } = summaryTable(summary)
  const widths = columns.map(({ name }) => Math.max(name.length, 7) + 2)
  const left = Math.max(title.length, ...rows.map(({ name }) => name.length))
  return [
    `${title.padEnd(left)}${columns.map(({ name }, i) => name.padStart(widths[i] as number)).join("")}`,
    ...rows.map(({ name, values }) => {
      const cells = values.map((value, i) => {
        const { digits } = columns[i] as (typeof columns)[number]
        const text = value === null ? "-" : digits === undefined ? value.toPrecision(4) : value.toFixed(digits)
        return text.padStart(widths[i] as number)
      })
      return `${name.padEnd(left)}${cells.join("")}`
    }),
  ]
}

/** What a new run is called before its number. */
const stemOf = ({ family, data }: Config): string => (family === "slate" ? "slate" : data.source === "files" ? "images" : data.source)

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
  const name = nameFor(options, root, stemOf(alone.right))
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
