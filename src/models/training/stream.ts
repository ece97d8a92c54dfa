/** Training as a stream of steps that can be left and taken up anywhere. */
import * as E from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import {
  constantData,
  flatten,
  type OnDevice,
  type RunError,
  type Session,
  type SolveReport,
  type StillpointError,
  type Tensor,
  toNumber,
} from "../../core/index.js"
import { type DecodeError, decodeError } from "../failure.js"
import type { AnyTransformation } from "../optim/index.js"
import { keyOf } from "./random.js"
import type { Snapshot } from "./snapshot.js"
import { type Loss, type State, trainStep } from "./step.js"

/** Numbers of one step by name. */
export type Metrics = Readonly<Record<string, number>>

/** What `train` does at every step. */
export interface Job<P, M, B = Tensor> {
  readonly session: Session
  readonly loss: Loss<P, B, M>
  readonly optimiser: AnyTransformation
  readonly seed: number
  /**
   * The batch of the update that is made when `step` were made: a tree of tensors with data, a function of the step alone; or a task that
   * loads it and may fail. Batches of one structure and shape run in one program.
   */
  readonly batch: (step: number) => B | Promise<B> | TaskEither<StillpointError, B>
  /** What a step whose numbers are not finite means: `stop` (default) ends the stream, `skip` tells it and leaves the state as it was. */
  readonly onNonFinite?: "stop" | "skip"
}

/** Where training is after a step. */
export interface Trained<P> {
  /** Updates made. */
  readonly step: number
  readonly metrics: Metrics
  /** Why the step changed nothing; null where it did what a step does. */
  readonly skipped: string | null
  /** Handles, valid until the next step is asked for. */
  readonly state: OnDevice<State<P>>
}

/** How a step can fail: the program did, its numbers are not finite, or the batch was wrong or could not be loaded. */
export type TrainingError = StillpointError

/** `[1, 4]`: where an element stands. */
const placeOf = (index: number, shape: readonly number[]): string => {
  const place: number[] = []
  let rest = index
  for (const size of shape.toReversed()) {
    place.unshift(rest % size)
    rest = Math.floor(rest / size)
  }
  return `[${place.join(", ")}]`
}

const loadedBatch = async <B>(from: B | Promise<B> | TaskEither<StillpointError, B>): Promise<E.Either<StillpointError, B>> =>
  typeof from === "function" ? (from as TaskEither<StillpointError, B>)() : E.right(await from) // a tree of tensors is no function

const checkBatch = (step: number, batch: unknown): DecodeError | null => {
  const { leaves, paths } = flatten("data", batch)
  for (const [k, leaf] of leaves.entries()) {
    const data = leaf.type.elem === "float" ? constantData(leaf) : undefined
    const bad = data?.findIndex((x) => !Number.isFinite(x)) ?? -1
    if (bad >= 0)
      return decodeError(
        `data: element ${placeOf(bad, leaf.shape)} of the batch${paths[k]} of step ${step + 1} is ${data?.[bad]}, expected finite numbers`,
      )
  }
  return null
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

/** Steps in a row that may be skipped: the state stays as it was, so that one that can't be helped would be skipped for ever. */
const mostSkipped = 20

/** Failures that another batch may not meet. */
const passing = ({ _tag }: RunError): boolean => _tag === "NonFinite" || _tag === "NotConverged"

/**
 * Steps after a snapshot, one for each time the stream is asked, without end; what was yielded stays valid until then. The stream ends with
 * the first `Left`. Step t depends on the state, the seed and t only: a stream from a snapshot gives what the one that made it would have.
 *
 * @example
 * for await (const made of train({ session, loss, optimiser, seed: 0, batch }, { step: 0, state })) {
 *   if (E.isLeft(made) || made.right.step === 1000) break
 *   console.log(made.right.metrics.loss)
 * }
 */
export async function* train<P, M extends Readonly<Record<string, Tensor<[]>>>, B = Tensor>(
  job: Job<P, M, B>,
  from: Snapshot<P>,
): AsyncGenerator<E.Either<TrainingError, Trained<P>>, void, undefined> {
  const { session, seed, onNonFinite = "stop" } = job
  const skips = onNonFinite === "skip"
  // a state that a skipped step goes back to is not donated
  const program = session.compile(trainStep(job.loss, job.optimiser), { resident: [true, false], donate: skips ? [] : [0] })
  const begun = await session.put(from.state)()
  if (E.isLeft(begun)) return yield begun
  let state = begun.right
  let skipped = 0
  try {
    for (let step = from.step; ; step++) {
      const loaded = await loadedBatch(job.batch(step))
      if (E.isLeft(loaded)) return yield loaded
      const batch = loaded.right
      const fault = checkBatch(step, batch)
      if (fault !== null) return yield E.left(fault)
      // generic trees: the types of a program ask for known ones
      const ran = await program.run(state as never, batch as never, keyOf(seed, "steps", step))()
      if (E.isLeft(ran)) {
        if (!skips || !passing(ran.left) || ++skipped > mostSkipped) return yield ran
        yield E.right({ step: step + 1, metrics: { loss: Number.NaN }, skipped: ran.left.message, state })
        continue
      }
      const [next, told] = ran.right.value as readonly [OnDevice<State<P>>, Readonly<Record<string, Tensor<[]>>>]
      const metrics = Object.fromEntries(Object.entries(told).map(([name, value]) => [name, toNumber(value)]))
      const lost = checkMetrics(step + 1, metrics, ran.right.report.solves)
      if (lost === null || !skips) {
        if (skips) session.dispose(state)
        state = next
        skipped = 0
        if (lost !== null) return yield E.left(lost)
        yield E.right({ step: step + 1, metrics, skipped: null, state })
        continue
      }
      session.dispose(next)
      if (++skipped > mostSkipped) return yield E.left(lost)
      yield E.right({ step: step + 1, metrics, skipped: lost.message, state })
    }
  } finally {
    session.dispose(state)
    program.dispose()
  }
}
