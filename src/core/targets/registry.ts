/** Targets by name. Each is loaded when it is first opened, so a program pays for the target that it uses. */
import * as E from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import type { RunError } from "../errors.js"
import { shown } from "../shown.js"
import type { OpenOptions, Target, TargetName, TargetSession } from "./target.js"

const gpu = (mode: "cpu" | "webasm" | "webgl2" | "webgpu" | "headlessgl") => async (): Promise<Target> =>
  (await import("./gpu/index.js")).gpuTarget(mode)

const loaders: Readonly<Record<TargetName, () => Promise<Target>>> = {
  interpreter: async () => (await import("./interpreter/index.js")).target,
  wasm: async () => (await import("./wasm/index.js")).target,
  "wasm:f64": async () => (await import("./wasm/index.js")).float64Target,
  "gpu:cpu": gpu("cpu"),
  "gpu:webasm": gpu("webasm"),
  "gpu:webgl2": gpu("webgl2"),
  "gpu:webgpu": gpu("webgpu"),
  "gpu:headlessgl": gpu("headlessgl"),
}

/** Names of all targets, whether this machine has them or not. */
export const targetNames = Object.keys(loaders) as readonly TargetName[]

/** Threads of a session at most: more is a mistake. */
export const mostThreads = 64

export interface Opened {
  readonly target: TargetName
  /** Why this one, for `auto`; "by name" otherwise. */
  readonly why: string
  readonly session: TargetSession
}

const missing = (target: string, message: string): RunError => ({ _tag: "TargetMissing", target, message })

const openNamed =
  (name: TargetName, why: string, options: OpenOptions): TaskEither<RunError, Opened> =>
  async () => {
    const { threads = 1 } = options
    if (threads > 1 && !name.startsWith("wasm"))
      return E.left(missing(name, `${name} runs on one thread; leave out threads, or use the target "wasm"`))
    const load = Object.hasOwn(loaders, name) ? loaders[name] : null
    if (load === null) return E.left(missing(name, `there is no target "${name}"; expected auto, ${targetNames.join(", ")}`))
    try {
      const opened = await (await load()).open(options)()
      return E.map((session: TargetSession): Opened => ({ target: name, why, session }))(opened)
    } catch (error) {
      return E.left(missing(name, `${name} could not be loaded: ${error instanceof Error ? error.message : String(error)}`))
    }
  }

/** WebAssembly where it runs, else the interpreter. A GPU is chosen by name: whether it is faster depends on the program. */
const openAuto =
  (options: OpenOptions): TaskEither<RunError, Opened> =>
  async () => {
    const first = await openNamed("wasm", "auto: WebAssembly SIMD is here, and fast for programs of any size", options)()
    if (E.isRight(first)) return first
    const { threads = 1 } = options
    if (threads > 1) {
      const alone = await openNamed("wasm", `auto: on one thread, since ${threads} are not available (${first.left.message})`, {})()
      if (E.isRight(alone)) return alone
    }
    return openNamed("interpreter", `auto: wasm is not available (${first.left.message}), and the interpreter always is`, {})()
  }

export const openTarget = (name: TargetName | "auto", options: OpenOptions = {}): TaskEither<RunError, Opened> => {
  const { threads = 1 } = options
  if (!Number.isInteger(threads) || threads < 1 || threads > mostThreads)
    return async () => E.left(missing(name, `threads is ${shown(threads)}; give a whole number from 1 to ${mostThreads}`))
  return name === "auto" ? openAuto(options) : openNamed(name, "by name", options)
}
