/** A model on a session, with all that is compiled for a run. */
import * as E from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import type { RunError, Session } from "../../core/index.js"
import type { Key } from "../../ops/index.js"
import { type Config, modelSpec, optimiserSpec } from "../config/index.js"
import { optimiserOf } from "../optim/index.js"
import { type SlotAutoencoderParams, slotAutoencoder } from "../slot-attention/index.js"
import { type Converge, convergence } from "./convergence.js"
import { tetrominoes } from "./data.js"
import { type Evaluate, evaluator, heldOutScenes } from "./evaluation.js"
import { reconstruction } from "./objective.js"
import { keyOf } from "./random.js"
import type { Snapshot } from "./snapshot.js"
import type { State } from "./step.js"
import { type Trained, type TrainingError, train } from "./stream.js"

/** What a run is done with. */
export interface Bench {
  readonly session: Session
  /** The state before the first step. */
  readonly begin: TaskEither<RunError, Snapshot<SlotAutoencoderParams>>
  readonly train: (from: Snapshot<SlotAutoencoderParams>) => AsyncGenerator<E.Either<TrainingError, Trained<SlotAutoencoderParams>>>
  readonly evaluate: Evaluate
  readonly converge: Converge
}

/** Scenes on which the refinement's convergence is measured. */
const fewScenes = 16

/**
 * Everything that a configuration asks for, on one session. Nothing is compiled before it is used.
 *
 * @example
 * const { begin, train } = bench(session, defaultConfig)
 * const start = await begin()
 * if (E.isRight(start)) for await (const step of train(start.right)) console.log(step)
 */
export const bench = (session: Session, config: Config): Bench => {
  const { seed, training, evaluation, data, model: sizes } = config
  const model = slotAutoencoder(modelSpec(config))
  const optimiser = optimiserOf(optimiserSpec(config))
  const begin: Bench["begin"] = async () => {
    const program = session.compile((key: Key): State<SlotAutoencoderParams> => {
      const params = model.init(key)
      return [params, optimiser.init(params)]
    })
    const state = await program(keyOf(seed, "parameters"))()
    program.dispose()
    return E.map((s) => ({ step: 0, state: s as State<SlotAutoencoderParams> }))(state)
  }
  return {
    session,
    begin,
    train: (from) => train({ session, loss: reconstruction(model), optimiser, seed, batch: tetrominoes(config) }, from),
    evaluate: evaluator(session, model, { chunk: training.batch, seed }),
    converge: convergence(session, model, heldOutScenes(data.blockSize, fewScenes), {
      seed,
      iterations: evaluation.iterations,
      stop: sizes.iterations,
      powers: evaluation.powers,
    }),
  }
}
