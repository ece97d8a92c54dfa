/** Training as a stream of steps that can be left and taken up anywhere. */
import * as E from "fp-ts/lib/Either.js"
import { pipe } from "fp-ts/lib/function.js"
import * as TE from "fp-ts/lib/TaskEither.js"
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
import type { Key } from "../../ops/index.js"
import { type DecodeError, decodeError } from "../failure.js"
import type { AnyTransformation } from "../optim/index.js"
import { keyOf } from "./random.js"
import type { Snapshot } from "./snapshot.js"
import { type Loss, type State, trainStep } from "./step.js"

/** Numbers of one step by name. */
export type Metrics = Readonly<Record<string, number>>

/** Where steps take place, and what each is made with. */
export interface StreamOptions<B = Tensor> {
  readonly session: Session
  readonly seed: number
  /**
   * The batch of the update that is made when `step` were made: a tree of tensors with data, a function of the step alone; or a task that
   * loads it and may fail. Batches of one structure and shape run in one program.
   */
  readonly batch: (step: number) => B | Promise<B> | TE.TaskEither<StillpointError, B>
  /** What a step whose numbers are not finite means: `stop` (default) ends the stream, `skip` tells it and leaves the state as it was. */
  readonly onNonFinite?: "stop" | "skip"
}

/** What `train` does at every step. */
export interface Job<P, M, B = Tensor> extends StreamOptions<B> {
  readonly loss: Loss<P, B, M>
  readonly optimiser: AnyTransformation
}

/** What a step made: the state after it, numbers by name, and what its solves said. */
export interface Advanced<P> {
  readonly state: OnDevice<State<P>>
  readonly told: Readonly<Record<string, Tensor<[]>>>
  readonly solves: readonly SolveReport[]
}

/** A step in a session. It frees the handles of the state when it succeeds, unless steps may be skipped. */
export interface Advance<P, B> {
  readonly run: (state: OnDevice<State<P>>, batch: B, key: Key) => TE.TaskEither<RunError, Advanced<P>>
  readonly dispose: () => void
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

const loadedBatch = async <B>(from: B | Promise<B> | TE.TaskEither<StillpointError, B>): Promise<E.Either<StillpointError, B>> =>
  typeof from === "function" ? (from as TE.TaskEither<StillpointError, B>)() : E.right(await from) // a tree of tensors is no function

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
 * Steps of any kind after a snapshot: what `train` says of its own holds for them too. What advances is disposed of at the end.
 *
 * @example
 * for await (const made of trainBy({ session, seed: 0, batch }, advance, { step: 0, state })) console.log(made)
 */
export async function* trainBy<P, B>(
  job: StreamOptions<B>,
  advance: Advance<P, B>,
  from: Snapshot<P>,
): AsyncGenerator<E.Either<TrainingError, Trained<P>>, void, undefined> {
  const { session, seed, onNonFinite = "stop" } = job
  const skips = onNonFinite === "skip"
  const begun = await session.put(from.state)()
  if (E.isLeft(begun)) {
    advance.dispose()
    return yield begun
  }
  let state = begun.right
  let skipped = 0
  try {
    for (let step = from.step; ; step++) {
      const loaded = await loadedBatch(job.batch(step))
      if (E.isLeft(loaded)) return yield loaded
      const batch = loaded.right
      const fault = checkBatch(step, batch)
      if (fault !== null) return yield E.left(fault)
      const ran = await advance.run(state, batch, keyOf(seed, "steps", step))()
      if (E.isLeft(ran)) {
        if (!skips || !passing(ran.left) || ++skipped > mostSkipped) return yield ran
        yield E.right({ step: step + 1, metrics: { loss: Number.NaN }, skipped: ran.left.message, state })
        continue
      }
      const { state: next, told, solves } = ran.right
      const metrics = Object.fromEntries(Object.entries(told).map(([name, value]) => [name, toNumber(value)]))
      const lost = checkMetrics(step + 1, metrics, solves)
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
    advance.dispose()
  }
}

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
  // a state that a skipped step goes back to is not donated
  const donate = job.onNonFinite === "skip" ? [] : [0]
  const program = job.session.compile(trainStep(job.loss, job.optimiser), { resident: [true, false], donate })
  const run: Advance<P, B>["run"] = (state, batch, key) =>
    pipe(
      // generic trees: the types of a program ask for known ones
      program.run(state as never, batch as never, key),
      TE.map(({ value, report }) => {
        const [next, told] = value as readonly [OnDevice<State<P>>, Advanced<P>["told"]]
        return { state: next, told, solves: report.solves }
      }),
    )
  yield* trainBy(job, { run, dispose: () => program.dispose() }, from)
}
