/** What an engine is to the runner: it prepares workloads, tells their results, and runs them for a time. */
import type { Workload } from "../workloads/index.js"

/** A workload that is ready to run: operands lie where the engine keeps them. */
export interface Prepared {
  /**
   * Numbers to be compared with those of the other engines: the output of a kernel, or the losses of the first `checkedSteps` steps of a
   * training. Called once, before any timing.
   */
  readonly result: () => Promise<ArrayLike<number>>
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

/** Milliseconds of calls that are made here, whether they answer at once or later. */
export const timed =
  (call: () => unknown) =>
  async (calls: number): Promise<number> => {
    const begun = performance.now()
    for (let i = 0; i < calls; i++) {
      const made = call()
      if (made instanceof Promise) await made
    }
    return performance.now() - begun
  }

/** Losses of the first steps. */
export const losses = async (step: () => number | Promise<number>): Promise<readonly number[]> => {
  const found: number[] = []
  for (let i = 0; i < checkedSteps; i++) found.push(await step())
  return found
}
