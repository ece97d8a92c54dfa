/** Hand-made schedules on the wasm targets, without graphs. */
import * as E from "fp-ts/lib/Either.js"
import { buildSchedule } from "../../src/core/compile/build.js"
import type { MemoryPlan } from "../../src/core/compile/memory.js"
import type { Nest } from "../../src/core/compile/nest.js"
import type { BufferType, Schedule } from "../../src/core/compile/schedule.js"
import { type BuildSchedule, type SessionOptions, WasmSession } from "../../src/core/targets/wasm/session.js"
import { float32, float64, type Precision } from "./nest-reference.js"

export type PrecisionName = "float32" | "float64"

export const precisions: readonly (readonly [PrecisionName, Precision])[] = [
  ["float32", float32],
  ["float64", float64],
]

export const noGraphs = (): never => {
  throw new Error("these tests load schedules")
}

export const newSession = (precision: PrecisionName, build: BuildSchedule = noGraphs, options: SessionOptions = {}): WasmSession =>
  new WasmSession(precision === "float32" ? "wasm" : "wasm:f64", precision, build, options)

/** A session whose kernels are jobs of its threads as soon as they can be divided, however small they are. */
export const newThreads = async (precision: PrecisionName, threads: number, options: SessionOptions = {}): Promise<WasmSession> => {
  const session = newSession(precision, buildSchedule, { threads, jobsFrom: 0, ...options })
  const why = await session.start()
  if (why !== null) throw new Error(why)
  return session
}

export const right = <A>(either: E.Either<{ readonly message: string }, A>): A => {
  if (E.isLeft(either)) throw new Error(either.left.message)
  return either.right
}

export const float = (...shape: number[]): BufferType => ({ elem: "float", shape })

/** Runs a schedule in a session, by default one of its own; frees what it made. */
export const runSchedule = async (
  schedule: Schedule,
  inputs: readonly ArrayLike<number>[],
  precision: PrecisionName,
  { plan, session = newSession(precision) }: { readonly plan?: MemoryPlan; readonly session?: WasmSession } = {},
): Promise<readonly Float64Array[]> => {
  const program = right(session.loadSchedule(schedule, plan === undefined ? {} : { plan }))
  const uploaded = schedule.inputs.map((id, k) => right(session.upload(inputs[k] as ArrayLike<number>, schedule.buffers[id] as BufferType)))
  const outputs = right(await program.run(uploaded, { cancelled: false })())
  const values: Float64Array[] = []
  for (const output of outputs) values.push(right(await session.read(output)()))
  for (const buffer of [...uploaded, ...outputs]) session.free(buffer)
  program.dispose()
  return values
}

/** A schedule of one kernel. */
export const scheduleOf = (nest: Nest, shapes: readonly (readonly number[])[]): Schedule => ({
  buffers: [...shapes, nest.domain].map((shape) => float(...shape)),
  inputs: shapes.map((_, k) => k),
  outputs: [shapes.length],
  steps: [{ t: "kernel", name: "kernel", nest, inputs: shapes.map((_, k) => k), output: shapes.length }],
})

export const runNest = async (
  nest: Nest,
  inputs: readonly { readonly data: ArrayLike<number>; readonly shape: readonly number[] }[],
  precision: PrecisionName,
): Promise<Float64Array> => {
  const [out] = await runSchedule(
    scheduleOf(
      nest,
      inputs.map((x) => x.shape),
    ),
    inputs.map((x) => x.data),
    precision,
  )
  return out as Float64Array
}
