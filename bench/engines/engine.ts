/** What an engine is to the runner: it prepares workloads, tells their results, and runs them for a time. */
import type { Workload } from "../workloads/index.js"

/** Numbers to be compared with those of the other engines, and what the call that made the first of them took. */
export interface Result {
  /** The output of a kernel, or the losses of the first `checkedSteps` steps of a training. */
  readonly numbers: ArrayLike<number>
  /** With what the engine compiles when it is first called. */
  readonly firstMs: number
}

/** A workload that is ready to run: operands lie where the engine keeps them. */
export interface Prepared {
  /** Called once, before any timing. */
  readonly result: () => Promise<Result>
  /** Milliseconds that a number of calls took together, each of them finished; the results stay with the engine. */
  readonly run: (calls: number) => Promise<number>
  readonly dispose: () => void | Promise<void>
}

export interface Engine {
  readonly name: string
  readonly version: string
  readonly threads: number
  /** Why the engine can't do a workload, or null. */
  readonly lacks: (workload: Workload) => string | null
  /** What was helped by hand because the library has no way of its own, or null. */
  readonly helped?: (workload: Workload) => string | null
  readonly prepare: (workload: Workload) => Promise<Prepared>
  readonly close: () => Promise<void>
}

/** What an engine is asked for when it is opened. */
export interface Wanted {
  readonly threads: number
}

/** Opens an engine, or says in one line why this machine can't. */
export type OpenEngine = (wanted: Wanted) => Promise<Engine | string>

/** Steps of a training whose losses must agree. */
export const checkedSteps = 4

/**
 * Milliseconds of calls that are made here, whether they answer at once or later. Each workload has a loop of its own, as it has in a
 * user's program: one loop for all would be compiled for calls of any kind, which costs each call of each engine up to 3 microseconds.
 */
export const timed = (call: () => unknown): ((calls: number) => Promise<number>) =>
  new Function(
    "call",
    `// ${Math.random()}\n return async (calls) => {
      const begun = performance.now()
      for (let i = 0; i < calls; i++) {
        const made = call()
        if (made instanceof Promise) await made
      }
      return performance.now() - begun
    }`,
  )(call) as (calls: number) => Promise<number>

/** A kernel's output, read after the call. */
export const output = async <T>(
  call: () => T | Promise<T>,
  read: (made: T) => ArrayLike<number> | Promise<ArrayLike<number>>,
): Promise<Result> => {
  const begun = performance.now()
  const made = await call()
  const firstMs = performance.now() - begun
  return { numbers: await read(made), firstMs }
}

/** Losses of the first steps. */
export const losses = async (step: () => number | Promise<number>): Promise<Result> => {
  const begun = performance.now()
  const numbers = [await step()]
  const firstMs = performance.now() - begun
  while (numbers.length < checkedSteps) numbers.push(await step())
  return { numbers, firstMs }
}
