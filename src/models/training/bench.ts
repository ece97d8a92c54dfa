/** A model on a session, with all that is compiled for a run. */
import * as E from "fp-ts/lib/Either.js"
import * as TE from "fp-ts/lib/TaskEither.js"
import { type OnDevice, type RunError, type Session, type Tensor, tensor } from "../../core/index.js"
import type { Key } from "../../ops/index.js"
import type { Config } from "../config/index.js"
import type { OpenedSource, SceneBatch } from "../data/index.js"
import type { Optimiser } from "../optim/index.js"
import { type Converge, convergence } from "./convergence.js"
import { type Look, scored, viewer } from "./evaluation.js"
import { mean } from "./mean.js"
import { keyOf } from "./random.js"
import type { Snapshot } from "./snapshot.js"
import type { State } from "./step.js"
import { type Trained, type TrainingError, train } from "./stream.js"
import type { Trainable } from "./trainable.js"

/** What a run is done with. */
export interface Bench<P> {
  readonly session: Session
  /** The state before the first step. */
  readonly begin: TE.TaskEither<RunError, Snapshot<P>>
  readonly train: (from: Snapshot<P>) => AsyncGenerator<E.Either<TrainingError, Trained<P>>>
  readonly look: Look<P>
  readonly converge: Converge<P>
  /** Numbers that are taken now and then, on images that are held out. */
  readonly measure: (params: OnDevice<P>, scenes: SceneBatch) => TE.TaskEither<RunError, Readonly<Record<string, number>>>
}

/**
 * Everything that a configuration asks for, on one session; `few` are the images on which the refinement's convergence is measured. Nothing
 * is compiled before it is used.
 *
 * @example
 * const { begin, train } = bench(session, defaultConfig, trainable, source, scenes)
 * const start = await begin()
 * if (E.isRight(start)) for await (const step of train(start.right)) console.log(step)
 */
export const bench = <P, B>(
  session: Session,
  config: Config,
  trainable: Trainable<P, B>,
  source: OpenedSource,
  few: SceneBatch,
): Bench<P> => {
  const { seed, training, evaluation } = config
  const { init, loss, batchOf, sight } = trainable
  const optimiser = trainable.optimiser as Optimiser // its state is what its own init or update made
  const look = viewer(session, sight, { chunk: training.batch, seed })
  const converge = convergence(session, sight, few, { seed, iterations: evaluation.iterations, powers: evaluation.powers })
  return {
    session,
    begin: async () => {
      const program = session.compile((key: Key): State<P> => {
        const params = init(key)
        return [params, optimiser.init(params)]
      })
      const state = await program(keyOf(seed, "parameters"))()
      program.dispose()
      return E.map((s) => ({ step: 0, state: s as unknown as State<P> }))(state) // what comes back has the tree of what was made
    },
    train: (from) =>
      train<P, Readonly<Record<string, Tensor<[]>>>, B>(
        {
          session,
          loss,
          optimiser,
          seed,
          batch: (step) =>
            TE.map(({ images, count, size }: SceneBatch) => batchOf(tensor(images, [count, size, size, 3]), step))(
              source.batch(seed, step, training.batch),
            ),
          onNonFinite: training.onNonFinite,
        },
        from,
      ),
    look,
    converge,
    measure: (params, scenes) => async () => {
      const view = await look(params, scenes)()
      if (E.isLeft(view)) return view
      const seen = await converge(params)()
      if (E.isLeft(seen)) return seen
      const { attention, mse } = scored(scenes, view.right)
      const segmented =
        attention === null
          ? {}
          : { fgAri: attention.fgAri, ...(attention.fgAriSameColour === null ? {} : { fgAriSameColour: attention.fgAriSameColour }) }
      const numbers = Object.fromEntries(Object.entries(view.right.numbers).map(([name, values]) => [`heldOut.${name}`, mean(values)]))
      return E.right({ ...segmented, mse, ...numbers, spectralRadius: seen.right.radius, jacobianNorm: seen.right.norm })
    },
  }
}
