/** The command line as data. */
import { type ParseArgsConfig, parseArgs } from "node:util"
import * as E from "fp-ts/lib/Either.js"
import { mostThreads } from "../core/index.js"
import { nearest } from "../models/index.js"

/** A command line that can't be understood. */
export interface UsageError {
  readonly _tag: "UsageError"
  readonly message: string
}

export const usage = (message: string): UsageError => ({ _tag: "UsageError", message })

/** `--threads`: how many, or undefined where it was not given. */
export const threadsOf = (text: string | undefined): E.Either<UsageError, number | undefined> => {
  if (text === undefined) return E.right(undefined)
  const threads = Number(text)
  return /^\d+$/.test(text) && threads >= 1 && threads <= mostThreads
    ? E.right(threads)
    : E.left(usage(`--threads: expected a whole number from 1 to ${mostThreads}, found ${JSON.stringify(text)}`))
}

const text = { type: "string" } as const
const yes = { type: "boolean", default: false } as const

const train = {
  model: text,
  preset: text,
  data: text,
  target: text,
  threads: text,
  seed: text,
  steps: text,
  name: text,
  resume: yes,
  config: text,
  set: { type: "string", multiple: true, default: [] as string[] },
  runs: text,
  help: { ...yes, short: "h" },
} as const

const { seed: _seed, ...shared } = train
const compare = { ...shared, variants: text, seeds: text } as const

const info = { name: text, runs: text, help: { ...yes, short: "h" } } as const

const view = { target: text, threads: text, seed: text, scenes: text, data: text, resize: text, out: text, json: yes, runs: text } as const

const evaluate = { ...view, help: { ...yes, short: "h" } } as const

const { json: _json, ...generating } = view
const generate = { ...generating, help: { ...yes, short: "h" } } as const

const exported = { images: text, precision: text, out: text, runs: text, help: { ...yes, short: "h" } } as const

const inspect = { ...view, iterations: text, help: { ...yes, short: "h" } } as const

const check = { runs: text, seed: text, help: { ...yes, short: "h" } } as const

export interface TrainOptions {
  /** The family of the model. */
  readonly model?: string | undefined
  readonly preset?: string | undefined
  /** Scenes by name, or the user's images. */
  readonly data?: string | undefined
  readonly target?: string | undefined
  readonly threads?: string | undefined
  readonly seed?: string | undefined
  readonly steps?: string | undefined
  readonly name?: string | undefined
  readonly resume: boolean
  readonly config?: string | undefined
  readonly set: readonly string[]
  readonly runs?: string | undefined
}

export interface CompareOptions extends Omit<TrainOptions, "seed"> {
  /** Divided by commas. */
  readonly variants?: string | undefined
  readonly seeds?: string | undefined
}

export interface InfoOptions {
  readonly name?: string | undefined
  readonly runs?: string | undefined
  /** The same, as a word. */
  readonly file?: string | undefined
}

export interface EvalOptions {
  /** A run's name or folder, or a checkpoint file. */
  readonly run: string
  readonly target?: string | undefined
  readonly threads?: string | undefined
  readonly seed?: string | undefined
  readonly scenes?: string | undefined
  /** The user's own images. */
  readonly data?: string | undefined
  readonly resize?: string | undefined
  /** The folder of what is written. */
  readonly out?: string | undefined
  readonly json: boolean
  readonly runs?: string | undefined
}

export interface ExportOptions {
  /** A run's name or folder, or a checkpoint file. */
  readonly run: string
  /** Images that the file takes at once. */
  readonly images?: string | undefined
  readonly precision?: string | undefined
  /** The file. */
  readonly out?: string | undefined
  readonly runs?: string | undefined
}

export type GenerateOptions = Omit<EvalOptions, "json">

export interface InspectOptions extends EvalOptions {
  readonly iterations?: string | undefined
}

export interface CheckCommandOptions {
  /** A module whose exports are checked. */
  readonly file: string
  readonly runs?: string | undefined
  readonly seed?: string | undefined
}

const helped = ["train", "compare", "eval", "inspect", "generate", "export", "check", "info"] as const

export type Command =
  | { readonly _tag: "train"; readonly options: TrainOptions }
  | { readonly _tag: "compare"; readonly options: CompareOptions }
  | { readonly _tag: "eval"; readonly options: EvalOptions }
  | { readonly _tag: "inspect"; readonly options: InspectOptions }
  | { readonly _tag: "generate"; readonly options: GenerateOptions }
  | { readonly _tag: "export"; readonly options: ExportOptions }
  | { readonly _tag: "check"; readonly options: CheckCommandOptions }
  | { readonly _tag: "info"; readonly options: InfoOptions }
  | { readonly _tag: "help"; readonly of: "stillpoint" | (typeof helped)[number] }
  | { readonly _tag: "version" }

const commands = [...helped, "help"] as const

const fault = (error: unknown, known: readonly string[]): UsageError => {
  const message = error instanceof Error ? error.message : String(error)
  const option = /^Unknown option '(--?[^']+)'/.exec(message)?.[1]
  const bare = /^Option '(?:-\w, )?(--[^' ]+)/.exec(message)?.[1]
  if (/argument is ambiguous/.test(message))
    return usage(`${bare}: expected a value; one that begins with a dash is written ${bare}=-VALUE`)
  if (/argument missing/.test(message)) return usage(`${bare}: expected a value, found none`)
  if (option === undefined) return usage(message)
  const near = nearest(option.replace(/^-+/, ""), known)
  return usage(`unknown option ${option}; did you mean --${near}? Known are ${known.map((name) => `--${name}`).join(", ")}`)
}

const attempt = <A>(known: readonly string[], parse: () => A): E.Either<UsageError, A> => E.tryCatch(parse, (error) => fault(error, known))

type Made = E.Either<UsageError, Command>

/** A command by its options and its words that are none, or its help. What the table of options describes is what comes out. */
const parsed = <O>(
  of: (typeof helped)[number],
  args: readonly string[],
  table: NonNullable<ParseArgsConfig["options"]>,
  make: (options: O, words: readonly string[]) => Made,
): Made =>
  E.chain(({ values, positionals }: { readonly values: { readonly help?: unknown }; readonly positionals: readonly string[] }): Made => {
    const { help, ...options } = values
    return help === true ? E.right({ _tag: "help", of }) : make(options as O, positionals)
  })(attempt(Object.keys(table), () => parseArgs({ args: [...args], options: table, allowPositionals: true })))

const noWords = (of: string, [word]: readonly string[], made: Command): Made =>
  word === undefined ? E.right(made) : E.left(usage(`${of}: expected options only, found ${JSON.stringify(word)}; --help lists them`))

const oneRun =
  <O>(of: string, make: (options: O & { readonly run: string }) => Command) =>
  (options: O, [run, ...more]: readonly string[]): Made =>
    run === undefined || more.length > 0
      ? E.left(usage(`${of}: expected one run or checkpoint file, such as stillpoint ${of} tetrominoes-1`))
      : E.right(make({ ...options, run }))

const parsers: { readonly [C in (typeof helped)[number]]: (args: readonly string[]) => Made } = {
  train: (args) => parsed("train", args, train, (options: TrainOptions, words) => noWords("train", words, { _tag: "train", options })),
  compare: (args) =>
    parsed("compare", args, compare, (options: CompareOptions, words) => noWords("compare", words, { _tag: "compare", options })),
  eval: (args) =>
    parsed(
      "eval",
      args,
      evaluate,
      oneRun<Omit<EvalOptions, "run">>("eval", (options) => ({ _tag: "eval", options })),
    ),
  inspect: (args) =>
    parsed(
      "inspect",
      args,
      inspect,
      oneRun<Omit<InspectOptions, "run">>("inspect", (options) => ({ _tag: "inspect", options })),
    ),
  generate: (args) =>
    parsed(
      "generate",
      args,
      generate,
      oneRun<Omit<GenerateOptions, "run">>("generate", (options) => ({ _tag: "generate", options })),
    ),
  export: (args) =>
    parsed(
      "export",
      args,
      exported,
      oneRun<Omit<ExportOptions, "run">>("export", (options) => ({ _tag: "export", options })),
    ),
  check: (args) =>
    parsed("check", args, check, (options: Omit<CheckCommandOptions, "file">, [file, ...more]) =>
      file === undefined || more.length > 0
        ? E.left(usage("check: expected one module, such as stillpoint check layer.js"))
        : E.right({ _tag: "check", options: { ...options, file } }),
    ),
  info: (args) =>
    parsed("info", args, info, (options: InfoOptions, [file, ...more]) =>
      more.length > 0 || (file !== undefined && options.name !== undefined)
        ? E.left(usage("info: expected one run or checkpoint file, such as stillpoint info tetrominoes-1"))
        : E.right({ _tag: "info", options: { ...options, file } }),
    ),
}

/** What a command line asks for. */
export const parseCommand = (argv: readonly string[]): Made => {
  const [command, ...args] = argv
  const known = helped.find((name) => name === command)
  if (known !== undefined) return parsers[known](args)
  switch (command) {
    case "help":
    case "--help":
    case "-h":
      return E.right({ _tag: "help", of: helped.find((name) => name === args[0]) ?? "stillpoint" })
    case "--version":
      return E.right({ _tag: "version" })
    case undefined:
      return E.left(usage(`expected a command: ${helped.join(", ")} (--help says more)`))
    default:
      return E.left(usage(`unknown command ${JSON.stringify(command)}; did you mean ${nearest(command, commands)}?`))
  }
}
