/** Runs workloads on engines: what `run.ts` and the evidences call. */
import { type Engine, loadEngine } from "../engines/index.js"
import { pick } from "../workloads/index.js"
import { type Measured, measure } from "./measure.js"
import type { Options } from "./options.js"

export interface Run {
  readonly engines: readonly Pick<Engine, "name" | "version" | "threads">[]
  readonly measured: readonly Measured[]
}

/** Opens engines, tells of those that can't be opened, measures workload by workload and hands on each as soon as it is done. */
export const runBench = async (
  { only, engines: names, threads, rounds, lacks }: Options,
  tell: (line: string) => void,
  done: (measured: Measured) => void,
): Promise<Run> => {
  const chosen = pick(only)
  const engines: Engine[] = []
  const measured: Measured[] = []
  try {
    for (const name of names) {
      const opened = await (await loadEngine(name))({ threads })
      if (typeof opened === "string") tell(`skipped ${opened}`)
      else engines.push(opened)
    }
    for (const workload of chosen) {
      const one = await measure(engines, workload, rounds, lacks)
      measured.push(one)
      done(one)
    }
  } finally {
    for (const engine of engines) await engine.close()
  }
  return { engines, measured }
}

export { anyOf, atLeast, atMost, find, type Judged, overBest, report } from "./judge.js"
export { type Measured, measure, type Times } from "./measure.js"
export { type Options, readOptions, usage } from "./options.js"
export { machine, recordOf, writeRecord } from "./record.js"
export { lines, rate, ratio } from "./table.js"
