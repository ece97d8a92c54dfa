/**
 * Compiled functions. A program is called like the function it was made of, with tensors, numbers and handles; it is traced
 * once per structure and types of its arguments, and then runs on its session's target.
 */
import * as E from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import { buildSchedule } from "../compile/build.js"
import { explainSchedule } from "../compile/explain.js"
import type { RunError } from "../errors.js"
import { after, ensuring, type Soon, type SoonEither } from "../soon.js"
import { runFailure } from "../targets/interpreter/index.js"
import type { Cancellation, DeviceBuffer } from "../targets/target.js"
import { constant } from "../tensor/apply.js"
import { type Flat, unflatten } from "../tensor/tree.js"
import { argumentName, flattenArgs, type Leaf } from "./args.js"
import type { Context } from "./context.js"
import { badOutputs, explainNonFinite, inFloat32 } from "./debug.js"
import { type Inputs, type Keep, type Placed, Resident, stale } from "./handle.js"
import { type Report, readReport } from "./report.js"
import { type Made, Specialisations } from "./specialisations.js"
import { reportOf, type Specialised } from "./specialise.js"
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

interface Maker {
  readonly options: ProgramOptions<Keep>
  readonly context: () => Soon<E.Either<RunError, Context>>
  readonly specialisations: Specialisations
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
  donate.length === 0
    ? []
    : flat.leaves.flatMap((leaf, i) =>
        leaf instanceof Resident && donate.some((n) => (flat.paths[i] as string).startsWith(`[${n}]`)) ? [leaf] : [],
      )

interface Ran {
  readonly value: unknown
  readonly report: Report
}

const nothingTold: E.Either<RunError, Report> = E.right({ solves: [], taps: [] })

/** Frees the results of a run: those that don't stay on the device, or all. */
const freeResults = (context: Context, { kept }: Made, outputs: readonly DeviceBuffer[], all: boolean): void => {
  for (const [i, buffer] of outputs.entries()) if (all || !kept.has(i)) context.free(buffer)
}

/** The results of a run, read or wrapped; on a failure nothing of them is kept. */
const results = (context: Context, made: Made, outputs: readonly DeviceBuffer[]): Soon<E.Either<RunError, Ran>> => {
  const { types, emissions, kept } = made
  return after(emissions.length === 0 ? nothingTold : reportOf(context, emissions, outputs.slice(types.length)), (report) => {
    const wanted = outputs.filter((_, i) => i < types.length && !kept.has(i))
    return after(E.isLeft(report) ? report : readBuffers(context, wanted), (values): E.Either<RunError, Ran> => {
      freeResults(context, made, outputs, E.isLeft(values))
      if (E.isLeft(report)) return report
      return E.isLeft(values) ? values : E.right({ value: resultTree(context, made, outputs, values.right), report: report.right })
    })
  })
}

const resultTree = (context: Context, { types, result, kept }: Made, outputs: readonly DeviceBuffer[], values: readonly Float64Array[]) => {
  let next = 0
  return unflatten(
    result,
    types.map((type, i) =>
      kept.has(i) ? new Resident(context, type, outputs[i] as DeviceBuffer) : constant(type, values[next++] as Float64Array),
    ),
  )
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

const sound: E.Either<RunError, null> = E.right(null)

const cancelledRun: RunError = { _tag: "Cancelled", message: "the call was cancelled by its signal; its arguments are as they were" }

/** The run itself, once its buffers are there. */
const runMade = (
  maker: Maker,
  context: Context,
  made: Made,
  inputs: readonly DeviceBuffer[],
  flat: Flat<Leaf>,
  cancellation: Cancellation,
): Soon<E.Either<RunError, Ran>> =>
  after(made.executable.run(inputs, cancellation)(), (outputs) => {
    if (E.isLeft(outputs)) return outputs
    const checked = maker.options.debug === true ? checkFinite(context, made, inputs, outputs.right, flat.paths, cancellation) : sound
    return after(checked, (fault) => {
      if (E.isLeft(fault)) {
        for (const buffer of outputs.right) context.free(buffer)
        return fault
      }
      return after(results(context, made, outputs.right), (ran) => {
        if (E.isRight(ran)) for (const handle of donated(maker.options, flat)) context.drop(handle)
        return ran
      })
    })
  })

const execute = (maker: Maker, context: Context, flat: Flat<Leaf>, cancellation: Cancellation): Soon<E.Either<RunError, Ran>> => {
  if (cancellation.cancelled) return E.left(cancelledRun)
  const temporary: DeviceBuffer[] = []
  return ensuring(
    () => {
      const args = argumentBuffers(context, flat, temporary)
      if (E.isLeft(args)) return args
      return after(maker.specialisations.of(context, flat), (made) =>
        E.isLeft(made) ? made : runMade(maker, context, made.right, [...made.right.captured, ...args.right], flat, cancellation),
      )
    },
    () => {
      for (const buffer of temporary) context.free(buffer)
    },
  )
}

const inContext = <R>(maker: Maker, task: (context: Context) => Soon<E.Either<RunError, R>>): Soon<E.Either<RunError, R>> =>
  after(maker.context(), (context) => (E.isLeft(context) ? context : context.right.enqueue(() => task(context.right))))

const cancelledBy = <A>(signal: AbortSignal | undefined, cancellation: Cancellation, run: () => Soon<A>): Soon<A> => {
  if (signal === undefined) return run()
  const cancel = () => {
    cancellation.cancelled = true
  }
  signal.addEventListener("abort", cancel)
  return ensuring(run, () => signal.removeEventListener("abort", cancel))
}

const call = (maker: Maker, { signal }: RunOptions, args: readonly unknown[]): SoonEither<RunError, Ran> => {
  const flat = flattenArgs("a compiled program", args)
  return () => {
    const gone = flat.leaves.findIndex((l) => l instanceof Resident && l.disposed)
    if (gone >= 0)
      return E.left(
        stale(
          `${argumentName(flat.paths[gone] as string)} was disposed of, or donated to a program, whose result replaces it; use that result`,
        ),
      )
    const cancellation: Cancellation = { cancelled: signal?.aborted ?? false }
    return cancelledBy(signal, cancellation, () => inContext(maker, (context) => execute(maker, context, flat, cancellation)))
  }
}

const describe = async (maker: Maker, context: Context, flat: Flat<Leaf>): Promise<E.Either<RunError, string>> => {
  const { capabilities } = context.device
  return E.map(({ executable, graph }: Specialised) => {
    const schedule = explainSchedule(buildSchedule(graph, capabilities), capabilities.precision === "float32" ? 4 : 8)
    return [`target ${context.target} (${context.why})`, ...schedule, "", "as compiled:", ...executable.describe()].join("\n")
  })(await maker.specialisations.of(context, flat))
}

const ranValue = E.map((ran: Ran) => ran.value)

const facade = <A extends readonly unknown[], O>(maker: Maker, options: RunOptions): Program<A, O> => {
  const run = (...args: readonly unknown[]) => {
    const task = call(maker, options, args)
    return async () => task()
  }
  const value = (...args: readonly unknown[]) => {
    const task = call(maker, options, args)
    return async () => after(task(), ranValue)
  }
  const explain = (...args: readonly unknown[]) => {
    const flat = flattenArgs("a compiled program", args)
    return async () => inContext(maker, (context) => describe(maker, context, flat))
  }
  const dispose = () => {
    if (maker.specialisations.disposed) return
    void inContext(maker, () => E.right(maker.specialisations.dispose()))
  }
  const widened = (more: RunOptions) => facade<A, O>(maker, { ...options, ...more })
  return Object.assign(value, { run, explain, dispose, with: widened }) as Program<A, O>
}

/** A program of `f` in the session that `context` gives. */
export const makeProgram = <A extends readonly unknown[], O, const K extends Keep = false>(
  f: (...args: A) => O,
  options: ProgramOptions<K>,
  context: () => Soon<E.Either<RunError, Context>>,
): Program<A, Placed<O, K>> =>
  facade({ options, context, specialisations: new Specialisations(f as (...args: readonly never[]) => unknown, options) }, {})
