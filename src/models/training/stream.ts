/** Training as a stream of steps that can be left and taken up anywhere. */
import * as E from "fp-ts/lib/Either.js"
import { type OnDevice, type RunError, type Session, type SolveReport, type Tensor, tensor, toNumber } from "../../core/index.js"
import { type DecodeError, decodeError } from "../failure.js"
import type { Optimiser } from "../optim/index.js"
import { keyOf } from "./random.js"
import type { Snapshot } from "./snapshot.js"
import { type Loss, type State, trainStep } from "./step.js"

/** Numbers of one step by name. */
export type Metrics = Readonly<Record<string, number>>

/** The numbers that a step is trained on. */
export interface Batch {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

export interface Job<P, M> {
  readonly session: Session
  readonly loss: Loss<P, Tensor, M>
  readonly optimiser: Optimiser
  readonly seed: number
  /** The batch of the update that is made when `step` were made. A function of the step alone. */
  readonly batch: (step: number) => Batch
}

export interface Trained<P> {
  /** Updates made. */
  readonly step: number
  readonly metrics: Metrics
  /** Handles, valid until the next step is asked for. */
  readonly state: OnDevice<State<P>>
}

export type TrainingError = RunError | DecodeError

const checkBatch = (step: number, { data, shape }: Batch): DecodeError | null => {
  const bad = data.findIndex((x) => !Number.isFinite(x))
  if (bad < 0) return null
  const scene = Math.floor(bad / (data.length / (shape[0] ?? 1)))
  return decodeError(`data: value ${bad} of the batch of step ${step + 1} (scene ${scene} of it) is ${data[bad]}, expected finite numbers`)
}

/** A step whose numbers are not all finite, with what its solves said. */
const checkMetrics = (step: number, metrics: Metrics, solves: readonly SolveReport[]): RunError | null => {
  const bad = Object.entries(metrics).find(([, value]) => !Number.isFinite(value))
  if (bad === undefined) return null
  const lost = solves.find((s) => s.status === "NonFinite" || s.status === "Singular")
  const cause = lost === undefined ? "" : `; the solve ${lost.site} ended as ${lost.status}`
  return {
    _tag: "NonFinite",
    message: `step ${step}: ${bad[0]} is ${bad[1]}${cause}. Go back to the last checkpoint with a lower rate (optimiser.rate), a longer warm-up or a tighter clip`,
  }
}

/**
 * Steps after a snapshot, one for each time the stream is asked, without end; what was yielded stays valid until then. The stream ends with
 * the first `Left`. Step t depends on the state, the seed and t only: a stream from a snapshot gives what the one that made it would have.
 */
export async function* train<P, M extends Readonly<Record<string, Tensor<[]>>>>(
  job: Job<P, M>,
  from: Snapshot<P>,
): AsyncGenerator<E.Either<TrainingError, Trained<P>>, void, undefined> {
  const { session, seed } = job
  const program = session.compile(trainStep(job.loss, job.optimiser), { resident: [true, false], donate: [0] })
  const begun = await session.put(from.state)()
  if (E.isLeft(begun)) return yield begun
  let state = begun.right
  try {
    for (let step = from.step; ; step++) {
      const batch = job.batch(step)
      const fault = checkBatch(step, batch)
      if (fault !== null) return yield E.left(fault)
      const ran = await program.run(state as never, tensor(batch.data, batch.shape) as never, keyOf(seed, "steps", step))()
      if (E.isLeft(ran)) return yield ran
      const [next, told] = ran.right.value as unknown as readonly [OnDevice<State<P>>, Readonly<Record<string, Tensor<[]>>>]
      state = next
      const metrics = Object.fromEntries(Object.entries(told).map(([name, value]) => [name, toNumber(value)]))
      const lost = checkMetrics(step + 1, metrics, ran.right.report.solves)
      if (lost !== null) return yield E.left(lost)
      yield E.right({ step: step + 1, metrics, state })
    }
  } finally {
    session.dispose(state)
    program.dispose()
  }
}
