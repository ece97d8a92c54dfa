/** The command line as data. */
import { parseArgs } from "node:util"
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

const { seed: _, ...withoutSeed } = train
const compare = { ...withoutSeed, variants: text, seeds: text } as const

const info = { name: text, runs: text, help: { ...yes, short: "h" } } as const

const view = { target: text, threads: text, seed: text, scenes: text, data: text, resize: text, out: text, json: yes, runs: text } as const

const evaluate = { ...view, help: { ...yes, short: "h" } } as const

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
  /** A checkpoint file. */
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

export type GenerateOptions = EvalOptions

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
  if (option === undefined) return usage(message.split(". To specify")[0] ?? message)
  const near = nearest(option.replace(/^-+/, ""), known)
  return usage(`unknown option ${option}; did you mean --${near}? Known are ${known.map((name) => `--${name}`).join(", ")}`)
}

const attempt = <A>(known: readonly string[], parse: () => A): E.Either<UsageError, A> => E.tryCatch(parse, (error) => fault(error, known))

const parseTrain = (args: readonly string[]): E.Either<UsageError, Command> =>
  E.map(({ values }: { values: TrainOptions & { readonly help: boolean } }): Command => {
    const { help, ...options } = values
    return help ? { _tag: "help", of: "train" } : { _tag: "train", options }
  })(attempt(Object.keys(train), () => parseArgs({ args: [...args], options: train })))

const parseCompare = (args: readonly string[]): E.Either<UsageError, Command> =>
  E.map(({ values }: { values: CompareOptions & { readonly help: boolean } }): Command => {
    const { help, ...options } = values
    return help ? { _tag: "help", of: "compare" } : { _tag: "compare", options }
  })(attempt(Object.keys(compare), () => parseArgs({ args: [...args], options: compare })))

const parseInfo = (args: readonly string[]): E.Either<UsageError, Command> =>
  E.chain(({ values, positionals }: { values: InfoOptions & { readonly help: boolean }; positionals: readonly string[] }) => {
    const { help, ...options } = values
    const [file, ...more] = positionals
    if (help) return E.right<UsageError, Command>({ _tag: "help", of: "info" })
    return more.length > 0 || (file !== undefined && options.name !== undefined)
      ? E.left(usage("info: expected one run (--name) or one checkpoint file"))
      : E.right<UsageError, Command>({ _tag: "info", options: { ...options, file } })
  })(attempt(Object.keys(info), () => parseArgs({ args: [...args], options: info, allowPositionals: true })))

const parseCheck = (args: readonly string[]): E.Either<UsageError, Command> =>
  E.chain(({ values, positionals }: { values: { runs?: string; seed?: string; help: boolean }; positionals: readonly string[] }) => {
    const { help, ...options } = values
    const [file, ...more] = positionals
    if (help) return E.right<UsageError, Command>({ _tag: "help", of: "check" })
    return file === undefined || more.length > 0
      ? E.left(usage("check: expected one module, such as stillpoint check layer.js"))
      : E.right<UsageError, Command>({ _tag: "check", options: { ...options, file } })
  })(attempt(Object.keys(check), () => parseArgs({ args: [...args], options: check, allowPositionals: true })))

const oneRun = (command: string, [run, ...more]: readonly string[]): E.Either<UsageError, string> =>
  run === undefined || more.length > 0
    ? E.left(usage(`${command}: expected one run or checkpoint file, such as stillpoint ${command} tetrominoes-1`))
    : E.right(run)

const parseEval = (args: readonly string[]): E.Either<UsageError, Command> =>
  E.chain(({ values, positionals }: { values: Omit<EvalOptions, "run"> & { readonly help: boolean }; positionals: readonly string[] }) => {
    const { help, ...options } = values
    if (help) return E.right<UsageError, Command>({ _tag: "help", of: "eval" })
    return E.map((run: string): Command => ({ _tag: "eval", options: { ...options, run } }))(oneRun("eval", positionals))
  })(attempt(Object.keys(evaluate), () => parseArgs({ args: [...args], options: evaluate, allowPositionals: true })))

const generate = {
  target: text,
  threads: text,
  seed: text,
  scenes: text,
  data: text,
  resize: text,
  out: text,
  runs: text,
  help: { ...yes, short: "h" },
} as const

const parseGenerate = (args: readonly string[]): E.Either<UsageError, Command> =>
  E.chain(
    ({
      values,
      positionals,
    }: {
      values: Omit<GenerateOptions, "run" | "json"> & { readonly help: boolean }
      positionals: readonly string[]
    }) => {
      const { help, ...options } = values
      if (help) return E.right<UsageError, Command>({ _tag: "help", of: "generate" })
      return E.map((run: string): Command => ({ _tag: "generate", options: { ...options, run, json: false } }))(
        oneRun("generate", positionals),
      )
    },
  )(attempt(Object.keys(generate), () => parseArgs({ args: [...args], options: generate, allowPositionals: true })))

const exported = { images: text, precision: text, out: text, runs: text, help: { ...yes, short: "h" } } as const

const parseExport = (args: readonly string[]): E.Either<UsageError, Command> =>
  E.chain(
    ({ values, positionals }: { values: Omit<ExportOptions, "run"> & { readonly help: boolean }; positionals: readonly string[] }) => {
      const { help, ...options } = values
      if (help) return E.right<UsageError, Command>({ _tag: "help", of: "export" })
      return E.map((run: string): Command => ({ _tag: "export", options: { ...options, run } }))(oneRun("export", positionals))
    },
  )(attempt(Object.keys(exported), () => parseArgs({ args: [...args], options: exported, allowPositionals: true })))

const parseInspect = (args: readonly string[]): E.Either<UsageError, Command> =>
  E.chain(
    ({ values, positionals }: { values: Omit<InspectOptions, "run"> & { readonly help: boolean }; positionals: readonly string[] }) => {
      const { help, ...options } = values
      if (help) return E.right<UsageError, Command>({ _tag: "help", of: "inspect" })
      return E.map((run: string): Command => ({ _tag: "inspect", options: { ...options, run } }))(oneRun("inspect", positionals))
    },
  )(attempt(Object.keys(inspect), () => parseArgs({ args: [...args], options: inspect, allowPositionals: true })))

/** What a command line asks for. */
export const parseCommand = (argv: readonly string[]): E.Either<UsageError, Command> => {
  const [command, ...args] = argv
  switch (command) {
    case "train":
      return parseTrain(args)
    case "compare":
      return parseCompare(args)
    case "eval":
      return parseEval(args)
    case "inspect":
      return parseInspect(args)
    case "generate":
      return parseGenerate(args)
    case "export":
      return parseExport(args)
    case "check":
      return parseCheck(args)
    case "info":
      return parseInfo(args)
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
