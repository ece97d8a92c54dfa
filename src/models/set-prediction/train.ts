/** Training of a model of sets as a stream, and what it predicts of images. */
import * as E from "fp-ts/lib/Either.js"
import { pipe } from "fp-ts/lib/function.js"
import * as TE from "fp-ts/lib/TaskEither.js"
import { type OnDevice, type RunError, type Session, type Tensor, tensor, toArray } from "../../core/index.js"
import type { AnyTransformation } from "../optim/index.js"
import {
  type ChunkOptions,
  chunkOf,
  type Images,
  keyOf,
  type Snapshot,
  type StreamOptions,
  type Trained,
  type TrainingError,
  trainBy,
} from "../training/index.js"
import type { SetLossOptions } from "./loss.js"
import { type PredictSet, type SetBatch, setStepIn } from "./programs.js"

/** What `trainSets` does at every step. A step whose numbers are not finite ends the stream. */
export interface SetJob<P, I = Tensor> extends Omit<StreamOptions<SetBatch<I>>, "onNonFinite"> {
  readonly predict: PredictSet<P, I>
  readonly optimiser: AnyTransformation
  readonly loss?: SetLossOptions
}

/**
 * Steps of a model of sets after a snapshot, as `train` makes those of another: one each time the stream is asked, the same again from any
 * snapshot, the last one a `Left`. Metrics are the loss and the norm of its gradient.
 *
 * @example
 * const job = { session, predict: predictedObjects(model, "train"), optimiser: adam({ rate: 1e-3 }), seed: 0, batch }
 * for await (const made of trainSets(job, { step: 0, state })) {
 *   if (E.isLeft(made) || made.right.step === 1000) break
 * }
 */
export async function* trainSets<P, I = Tensor>(
  job: SetJob<P, I>,
  from: Snapshot<P>,
): AsyncGenerator<E.Either<TrainingError, Trained<P>>, void, undefined> {
  const step = setStepIn(job.session, job.predict, job.optimiser, job.loss)
  const run = (state: Trained<P>["state"], batch: SetBatch<I>, key: ReturnType<typeof keyOf>) =>
    pipe(
      step(state, batch, key),
      TE.map(({ value: [next, told] }) => ({ state: next, told: { ...told }, solves: [] })),
    )
  const { session, seed, batch } = job
  yield* trainBy({ session, seed, batch }, { run, dispose: () => step.dispose() }, from)
}

/** Predicts the objects of images, [count, slots, features] in one array; the parameters are on the device, or tensors. */
export type PredictSets<P> = ((params: P | OnDevice<P>, images: Images) => TE.TaskEither<RunError, Float64Array>) & {
  readonly dispose: () => void
}

/**
 * What a model of sets predicts of any number of images, in chunks of one program, with slots' noise that follows from the seed.
 *
 * @example
 * const predict = predictSetsIn(session, predictedObjects(model, "eval"), { chunk: 32, seed: 0 })
 * const objects = await predict(params, { images, count: 96, size: 14 })()
 * if (E.isRight(objects)) console.log(setPrecisions(model.spec.layout, objects.right, toArray(targets), 96))
 */
export const predictSetsIn = <P>(session: Session, predict: PredictSet<P, Tensor>, { chunk, seed }: ChunkOptions): PredictSets<P> => {
  const program = session.compile(predict)
  const run =
    (params: P | OnDevice<P>, seen: Images): TE.TaskEither<RunError, Float64Array> =>
    async () => {
      const { count, size } = seen
      let whole = new Float64Array(0)
      for (let from = 0; from < count; from += chunk) {
        const images = tensor(chunkOf(seen, from, chunk), [chunk, size, size, 3])
        // a generic tree of parameters: the types of a program ask for a known one
        const made = await program(params as never, images as never, keyOf(seed, "evaluation", from))()
        if (E.isLeft(made)) return made
        const values = toArray(made.right as Tensor)
        if (!values.every(Number.isFinite))
          return E.left({ _tag: "NonFinite", message: "predictSetsIn: the model's output is not finite; its parameters have diverged" })
        const each = values.length / chunk
        if (from === 0) whole = new Float64Array(count * each)
        whole.set(values.subarray(0, each * Math.min(chunk, count - from)), from * each)
      }
      return E.right(whole)
    }
  return Object.assign(run, { dispose: () => program.dispose() })
}
