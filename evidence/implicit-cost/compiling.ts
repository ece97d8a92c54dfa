/** From a training step's functions to a module of the engine: what it takes and how large it is. */
import { leaves } from "../../bench/engines/stillpoint/index.js"
import { initialState, stepOf } from "../../bench/engines/stillpoint/step.js"
import type { Training } from "../../bench/workloads/index.js"
import { buildSchedule } from "../../src/core/compile/build.js"
import { harvestGraph, simplifyGraph } from "../../src/core/index.js"
import { arithmetic } from "../../src/core/targets/wasm/arithmetic.js"
import { compileProgram } from "../../src/core/targets/wasm/program.js"
import { capabilitiesOf } from "../../src/core/targets/wasm/session.js"
import { traceTree } from "../../src/index.js"
import { Stopwatch } from "../timing/stopwatch.js"

export interface Compiled {
  /** Milliseconds in order. */
  readonly passes: Readonly<Record<string, number>>
  readonly bytes: number
}

export const compileStep = (workload: Training): Compiled => {
  const args = [initialState(leaves(workload, workload.params)), leaves(workload, workload.data)]
  const watch = new Stopwatch()
  const { graph } = watch.time("trace and differentiate", () => traceTree("step", stepOf(workload.model), args))
  const simple = watch.time("simplify", () => simplifyGraph(harvestGraph(graph).graph))
  const schedule = watch.time("schedule", () => buildSchedule(simple, capabilitiesOf("float32")))
  const { module } = watch.time("emit", () => compileProgram(schedule, arithmetic.float32))
  watch.time("engine", () => new WebAssembly.Module(module))
  return { passes: watch.passes, bytes: module.length }
}
