/** From a schedule to a program: checked against the mode's limits, long sums split, sources printed, kernels asked for. */
import type { Schedule, Step } from "../../compile/schedule.js"
import type { RunError } from "../../errors.js"
import { sizeOf } from "../../tensor/types.js"
import type { Capabilities } from "../target.js"
import { type KernelSource, kernelSource } from "./emit/kernel-source.js"
import type { Kernels } from "./kernels.js"
import { innerLists, type Lifetimes, planLifetimes } from "./lifetimes.js"
import type { Mode } from "./modes.js"
import { type Launch, RunStopped } from "./run.js"
import { splitReductions } from "./split.js"

export interface Loaded {
  readonly schedule: Schedule
  readonly lifetimes: Lifetimes
  readonly launches: ReadonlyMap<Step, Launch>
  readonly lines: readonly string[]
}

const kernelSteps = (steps: readonly Step[]): readonly Extract<Step, { t: "kernel" }>[] =>
  steps.flatMap((step) => (step.t === "kernel" ? [step] : innerLists(step).flatMap(kernelSteps)))

const routineNames = (steps: readonly Step[]): readonly string[] =>
  steps.flatMap((step) => (step.t === "routine" ? [step.name] : innerLists(step).flatMap(routineNames)))

const describe = (step: Extract<Step, { t: "kernel" }>, source: KernelSource): string => {
  const { domain, reduce } = step.nest
  const over =
    reduce === null
      ? ""
      : `, ${reduce.combine} over [${reduce.extent.join(", ")}]${reduce.indicator === undefined ? "" : " where the index agrees"}`
  return `${step.name}: [${domain.join(", ")}]${over}, ${source.arrays.length} inputs, ${source.statements} statements`
}

/** Throws `RunStopped` with a sentence where a mode cannot run a schedule. */
export const loadProgram = (given: Schedule, mode: Mode, capabilities: Capabilities, kernels: Kernels): Loaded => {
  const { target } = mode
  const refuse = (message: string): never => {
    const error: RunError = { _tag: "TargetFailure", target, message }
    throw new RunStopped(error)
  }
  const schedule = splitReductions(given)
  for (const name of routineNames(schedule.steps)) {
    refuse(`${target} has no routine "${name}": its graph form must be scheduled instead (capabilities.routines is false)`)
  }
  for (const type of schedule.buffers) {
    const size = sizeOf(type.shape)
    if (size > capabilities.maxElements) {
      refuse(
        `${target} holds at most ${capabilities.maxElements} elements in one array, and this program has [${type.shape.join(", ")}] with ${size}: use smaller arrays or the target wasm`,
      )
    }
  }
  const launches = new Map<Step, Launch>()
  const lines: string[] = []
  try {
    for (const step of kernelSteps(schedule.steps)) {
      const shapeOf = (buffer: number): readonly number[] => schedule.buffers[buffer]?.shape ?? []
      const size = sizeOf(shapeOf(step.output))
      if (size === 0 || launches.has(step)) continue
      const operands = step.inputs.map((buffer) => ({ buffer, shape: shapeOf(buffer) }))
      const source = kernelSource(step.nest, operands, mode.source)
      if (source.arrays.length > capabilities.maxInputs) {
        refuse(
          `${target} takes at most ${capabilities.maxInputs} arrays in a kernel, and "${step.name}" reads ${source.arrays.length}: it must be split`,
        )
      }
      const buffers = source.arrays.map((k) => step.inputs[k] ?? 0)
      const argumentSizes = buffers.map((buffer) => Math.max(1, sizeOf(shapeOf(buffer))))
      const kernel = kernels.get({ source: source.text, size, argumentSizes, result: "stay" })
      launches.set(step, { kernel, buffers, numbers: source.numbers })
      lines.push(describe(step, source))
    }
  } catch (error) {
    for (const { kernel } of launches.values()) kernel.release()
    throw error instanceof RangeError ? new RunStopped({ _tag: "TargetFailure", target, message: error.message }) : error
  }
  return { schedule, lifetimes: planLifetimes(schedule), launches, lines }
}
