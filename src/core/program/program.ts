/**
 * Compiled functions. A program is called like the function it was made of, with tensors, numbers and handles; it is traced
 * once per structure and types of its arguments, and then runs on its session's target.
 */
import * as E from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import { buildSchedule } from "../compile/build.js"
import { explainSchedule } from "../compile/explain.js"
import type { RunError } from "../errors.js"
import { runFailure } from "../targets/interpreter/index.js"
import type { Cancellation, DeviceBuffer } from "../targets/target.js"
import { constant } from "../tensor/apply.js"
import { type Flat, type Structure, unflatten } from "../tensor/tree.js"
import { argumentName, flattenArgs, type Leaf, signature } from "./args.js"
import type { Context } from "./context.js"
import { badOutputs, explainNonFinite, inFloat32 } from "./debug.js"
import { type Inputs, type Keep, type Placed, Resident, stale } from "./handle.js"
import { type Report, readReport } from "./report.js"
import { reportOf, type Specialised, specialise } from "./specialise.js"
import { readBuffers } from "./transfer.js"

/** What stays on the device, what is freed, and what is looked for, call by call. */
export interface ProgramOptions<K extends Keep = false> {
  /**
   * Which results stay on the device, as handles: `true` for all, `[true, true, false]` for the parts of a tuple,
   * `{ params: true }` for those of a record. What is not named is read back.
   */
  readonly resident?: K
  /** Numbers of the arguments (from 0) whose handles are freed when a call succeeds: a train step's old state. */
  readonly donate?: readonly number[]
  /**
   * Looks for the first NaN or infinity: where results are not finite, or a solve met what is not, the call is done again on the
   * interpreter and ends as `Left(NonFiniteValue)` with the op that made it, its operands and the user's line. Slow only then. Default
   * false.
   */
  readonly debug?: boolean
  /**
   * Takes the time of each kernel, which `explain` then shows, as the mean of the calls so far. Calls are slower by some tens of
   * nanoseconds a kernel. On `wasm` and `wasm:f64`; other targets show no times. Default false.
   */
  readonly profile?: boolean
  /** How many specialisations are kept; the one used longest ago is dropped first. Default 16. */
  readonly cacheSize?: number
}

/** Options of single calls. */
export interface RunOptions {
  /** Cancels the call: `Left(Cancelled)`, with every value as it was. */
  readonly signal?: AbortSignal
}

/** A compiled function. A call gives `Left(RunError)` where it fails, solves that do not converge included. */
export interface Program<A extends readonly unknown[], O> {
  (...args: Inputs<A>): TaskEither<RunError, O>
  /** The value with the report: how solves ended, what taps saw. */
  readonly run: (...args: Inputs<A>) => TaskEither<RunError, { readonly value: O; readonly report: Report }>
  /** The same program with options for the calls made through it. */
  readonly with: (options: RunOptions) => Program<A, O>
  /** What these arguments are compiled to: the schedule with its costs, and what the target made of it. */
  readonly explain: (...args: Inputs<A>) => TaskEither<RunError, string>
  /** Gives up what the program holds on the device. Calls made before are still answered. */
  readonly dispose: () => void
}

/** A program for one structure and types of its arguments, with the numbers of the results that stay on the device. */
interface Made extends Specialised {
  readonly kept: ReadonlySet<number>
}

interface Maker {
  readonly f: (...args: readonly never[]) => unknown
  readonly options: ProgramOptions<Keep>
  readonly context: () => Promise<E.Either<RunError, Context>>
  /** Specialisations by signature, the one used last at the end. */
  readonly cache: Map<string, Made>
  disposed: boolean
}

/** Which leaves of a result stay on the device, by number. */
const keptLeaves = (result: Structure, keep: Keep): ReadonlySet<number> => {
  const kept = new Set<number>()
  let leaf = 0
  const go = (s: Structure, k: Keep | undefined): void => {
    const part = (key: string | number) => (typeof k === "object" ? (k as Readonly<Record<string, Keep>>)[key] : k)
    if (s.t === "leaf") {
      if (k === true) kept.add(leaf)
      leaf++
    } else if (s.t === "list") s.items.forEach((item, i) => void go(item, part(i)))
    else if (s.t === "record") s.items.forEach((item, i) => void go(item, part(s.keys[i] as string)))
  }
  go(result, keep)
  return kept
}

const specialised = async (maker: Maker, context: Context, flat: Flat<Leaf>): Promise<E.Either<RunError, Made>> => {
  if (maker.disposed) return E.left(stale("this program was disposed of; compile it again"))
  const key = signature(flat)
  const known = maker.cache.get(key)
  if (known !== undefined) {
    maker.cache.delete(key)
    maker.cache.set(key, known)
    return E.right(known)
  }
  const fresh = await specialise(
    context,
    maker.f,
    flat.structure,
    flat.leaves.map((l) => l.type),
    maker.options,
  )
  if (E.isLeft(fresh)) return fresh
  const made = { ...fresh.right, kept: keptLeaves(fresh.right.result, maker.options.resident ?? false) }
  maker.cache.set(key, made)
  const [oldest] = maker.cache
  if (maker.cache.size > (maker.options.cacheSize ?? 16) && oldest !== undefined) {
    maker.cache.delete(oldest[0])
    oldest[1].dispose()
  }
  return E.right(made)
}

/** Argument buffers; those in `temporary` were uploaded for this call. */
const argumentBuffers = (context: Context, flat: Flat<Leaf>, temporary: DeviceBuffer[]): E.Either<RunError, readonly DeviceBuffer[]> => {
  const buffers: DeviceBuffer[] = []
  for (const [i, leaf] of flat.leaves.entries()) {
    const buffer =
      leaf instanceof Resident ? context.bufferOf(leaf, () => argumentName(flat.paths[i] as string)) : context.upload(leaf.type, leaf.data)
    if (E.isLeft(buffer)) return buffer
    if (!(leaf instanceof Resident)) temporary.push(buffer.right)
    buffers.push(buffer.right)
  }
  return E.right(buffers)
}

const donated = ({ donate = [] }: ProgramOptions<Keep>, flat: Flat<Leaf>): readonly Resident[] =>
  flat.leaves.flatMap((leaf, i) =>
    leaf instanceof Resident && donate.some((n) => (flat.paths[i] as string).startsWith(`[${n}]`)) ? [leaf] : [],
  )

interface Ran {
  readonly value: unknown
  readonly report: Report
}

// what needs no waiting is not waited for: small programs are called often
const nothingTold: E.Either<RunError, Report> = E.right({ solves: [], taps: [] })
const nothingRead: E.Either<RunError, readonly Float64Array[]> = E.right([])

/** The results of a run, read or wrapped; on a failure nothing of them is kept. */
const results = async (
  context: Context,
  { types, emissions, result, kept }: Made,
  outputs: readonly DeviceBuffer[],
): Promise<E.Either<RunError, Ran>> => {
  const finish = (failed: boolean) => outputs.forEach((buffer, i) => void ((failed || !kept.has(i)) && context.free(buffer)))
  const report = emissions.length === 0 ? nothingTold : await reportOf(context, emissions, outputs.slice(types.length))
  const wanted = outputs.filter((_, i) => i < types.length && !kept.has(i))
  const values = E.isLeft(report) || wanted.length === 0 ? nothingRead : await readBuffers(context, wanted)
  if (E.isLeft(report) || E.isLeft(values)) {
    finish(true)
    return E.isLeft(report) ? report : (values as E.Left<RunError>)
  }
  finish(false)
  let next = 0
  const leaves = types.map((type, i) =>
    kept.has(i) ? new Resident(context, type, outputs[i] as DeviceBuffer) : constant(type, values.right[next++] as Float64Array),
  )
  return E.right({ value: unflatten(result, leaves), report: report.right })
}

/** With `debug`: `Left` where a result, or what a solve met, is not finite and was not given so. */
const checkFinite = async (
  context: Context,
  { graph, captured, types, emissions }: Specialised,
  inputs: readonly DeviceBuffer[],
  outputs: readonly DeviceBuffer[],
  paths: readonly string[],
  cancellation: Cancellation,
): Promise<E.Either<RunError, null>> => {
  const found = await readBuffers(context, outputs)
  if (E.isLeft(found)) return found
  const own = badOutputs(graph, types.length, found.right)
  const lost = readReport(emissions, found.right.slice(types.length)).refused.some((s) => s.status === "NonFinite")
  // what a solve met is in no result: it gives back its best iterate
  const wanted = own.length === 0 && lost ? "all" : own
  if (wanted.length === 0) return E.right(null)
  const data = await readBuffers(context, inputs)
  if (E.isLeft(data)) return data
  const nameOf = (i: number) => (i < captured.length ? "a captured value" : argumentName(paths[i - captured.length] as string))
  const precision = context.device.capabilities.precision === "float32" ? inFloat32 : {}
  try {
    const fault = explainNonFinite(graph, data.right, wanted, found.right, nameOf, { cancelled: cancellation.cancelled, ...precision })
    return fault === null ? E.right(null) : E.left(fault)
  } catch (error) {
    return E.left(runFailure(error))
  }
}

const cancelledRun: RunError = { _tag: "Cancelled", message: "the call was cancelled by its signal; its arguments are as they were" }

const execute = async (maker: Maker, context: Context, flat: Flat<Leaf>, cancellation: Cancellation): Promise<E.Either<RunError, Ran>> => {
  if (cancellation.cancelled) return E.left(cancelledRun)
  const temporary: DeviceBuffer[] = []
  try {
    const args = argumentBuffers(context, flat, temporary)
    if (E.isLeft(args)) return args
    const made = await specialised(maker, context, flat)
    if (E.isLeft(made)) return made
    const inputs = [...made.right.captured, ...args.right]
    const outputs = await made.right.executable.run(inputs, cancellation)()
    if (E.isLeft(outputs)) return outputs
    if (maker.options.debug === true) {
      const sound = await checkFinite(context, made.right, inputs, outputs.right, flat.paths, cancellation)
      if (E.isLeft(sound)) {
        for (const buffer of outputs.right) context.free(buffer)
        return sound
      }
    }
    const ran = await results(context, made.right, outputs.right)
    if (E.isRight(ran)) for (const handle of donated(maker.options, flat)) context.drop(handle)
    return ran
  } finally {
    for (const buffer of temporary) context.free(buffer)
  }
}

const inContext = async <R>(maker: Maker, task: (context: Context) => Promise<E.Either<RunError, R>>): Promise<E.Either<RunError, R>> => {
  const context = await maker.context()
  return E.isLeft(context) ? context : context.right.enqueue(() => task(context.right))
}

const call = (maker: Maker, { signal }: RunOptions, args: readonly unknown[]): TaskEither<RunError, Ran> => {
  const flat = flattenArgs("a compiled program", args)
  return async () => {
    const gone = flat.leaves.findIndex((l) => l instanceof Resident && l.disposed)
    if (gone >= 0)
      return E.left(
        stale(
          `${argumentName(flat.paths[gone] as string)} was disposed of, or donated to a program, whose result replaces it; use that result`,
        ),
      )
    const cancellation: Cancellation = { cancelled: signal?.aborted ?? false }
    const cancel = () => {
      cancellation.cancelled = true
    }
    signal?.addEventListener("abort", cancel)
    try {
      return await inContext(maker, (context) => execute(maker, context, flat, cancellation))
    } finally {
      signal?.removeEventListener("abort", cancel)
    }
  }
}

const describe = async (maker: Maker, context: Context, flat: Flat<Leaf>): Promise<E.Either<RunError, string>> => {
  const { capabilities } = context.device
  return E.map(({ executable, graph }: Specialised) => {
    const schedule = explainSchedule(buildSchedule(graph, capabilities), capabilities.precision === "float32" ? 4 : 8)
    return [`target ${context.target} (${context.why})`, ...schedule, "", "as compiled:", ...executable.describe()].join("\n")
  })(await specialised(maker, context, flat))
}

const facade = <A extends readonly unknown[], O>(maker: Maker, options: RunOptions): Program<A, O> => {
  const run = (...args: readonly unknown[]) => call(maker, options, args)
  const value = (...args: readonly unknown[]) => {
    const task = run(...args)
    return async () => E.map((ran: Ran) => ran.value)(await task())
  }
  const explain = (...args: readonly unknown[]) => {
    const flat = flattenArgs("a compiled program", args)
    return () => inContext(maker, (context) => describe(maker, context, flat))
  }
  const dispose = () => {
    if (maker.disposed) return
    void inContext(maker, async () => {
      maker.disposed = true
      for (const made of maker.cache.values()) made.dispose()
      maker.cache.clear()
      return E.right(null)
    })
  }
  const widened = (more: RunOptions) => facade<A, O>(maker, { ...options, ...more })
  return Object.assign(value, { run, explain, dispose, with: widened }) as Program<A, O>
}

/** A program of `f` in the session that `context` gives. */
export const makeProgram = <A extends readonly unknown[], O, const K extends Keep = false>(
  f: (...args: A) => O,
  options: ProgramOptions<K>,
  context: () => Promise<E.Either<RunError, Context>>,
): Program<A, Placed<O, K>> =>
  facade({ f: f as (...args: readonly never[]) => unknown, options, context, cache: new Map(), disposed: false }, {})
