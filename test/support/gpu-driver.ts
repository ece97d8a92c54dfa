/** Runs schedules on a gpu.js mode, in Node or, through `browser-gpu-entry.ts`, on a page. Inputs and results are plain numbers. */
import * as E from "fp-ts/lib/Either.js"
import type { BufferType, Schedule } from "../../src/core/compile/schedule.js"
import type { RunError } from "../../src/core/errors.js"
import { type GpuMode, type GpuOptions, type GpuSession, openGpu } from "../../src/core/targets/gpu/index.js"
import type { DeviceBuffer, Executable } from "../../src/core/targets/target.js"
import { evaluateSchedule, float64 } from "./nest-reference.js"

export interface Job {
  readonly schedule: Schedule
  readonly inputs: readonly (readonly number[])[]
}

export interface Outcome {
  readonly outputs: readonly (readonly number[])[]
  readonly error: RunError | null
  /** Held by the session once the job's own handles are freed: 0 where nothing leaks. */
  readonly bytesLeft: number
}

/** What a job gives by definition, in float64. */
export const byDefinition = ({ schedule, inputs }: Job): readonly Float64Array[] =>
  evaluateSchedule(
    schedule,
    inputs.map((data) => Float64Array.from(data)),
    float64,
  )

/** The tests of one mode: how its jobs are run, wherever it lives. */
export type Driver = (jobs: readonly Job[]) => Promise<readonly Outcome[]>

export const right = <A>(result: E.Either<RunError, A>): A => {
  if (E.isLeft(result)) throw new Error(`${result.left._tag}: ${result.left.message}`)
  return result.right
}

export const runInSession = (session: GpuSession, { schedule, inputs }: Job): Promise<Outcome> =>
  runLoaded(
    session,
    session.loadSchedule(schedule),
    schedule.inputs.map((buffer, k) => ({ data: inputs[k] ?? [], type: schedule.buffers[buffer]! })),
  )

export const runLoaded = async (
  session: GpuSession,
  loaded: E.Either<RunError, Executable>,
  inputs: readonly { readonly data: ArrayLike<number>; readonly type: BufferType }[],
): Promise<Outcome> => {
  if (E.isLeft(loaded)) return { outputs: [], error: loaded.left, bytesLeft: session.bytesInUse() }
  const buffers: DeviceBuffer[] = []
  const uploaded = inputs.map(({ data, type }) => E.map((buffer: DeviceBuffer) => buffers.push(buffer))(session.upload(data, type)))
  const result = uploaded.find(E.isLeft) ?? (await loaded.right.run(buffers, { cancelled: false })())
  const outputs: number[][] = []
  if (E.isRight(result)) {
    for (const buffer of result.right) {
      outputs.push(Array.from(right(await session.read(buffer)())))
      session.free(buffer)
    }
  }
  for (const buffer of buffers) session.free(buffer)
  loaded.right.dispose()
  return { outputs, error: E.isLeft(result) ? result.left : null, bytesLeft: session.bytesInUse() }
}

export const runJobs = async (mode: GpuMode, options: GpuOptions, jobs: readonly Job[]): Promise<readonly Outcome[]> => {
  const session = right(await openGpu(mode, options)())
  try {
    const outcomes: Outcome[] = []
    for (const job of jobs) outcomes.push(await runInSession(session, job))
    return outcomes
  } finally {
    session.close()
  }
}

export const nodeDriver =
  (mode: GpuMode, options: GpuOptions = {}): Driver =>
  (jobs) =>
    runJobs(mode, options, jobs)
