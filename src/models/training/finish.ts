/** The end of a run: its model and the untrained one on held-out scenes, beside the baselines. */
import * as E from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import { flatten, type RunError, sizeOf } from "../../core/index.js"
import type { Config } from "../config/index.js"
import { piecesInAScene, type TetrominoesBatch } from "../data/index.js"
import type { MetricRecord } from "../run-folder/index.js"
import type { SlotAutoencoderParams } from "../slot-attention/index.js"
import type { Bench } from "./bench.js"
import type { Convergence } from "./convergence.js"
import { colourBaseline, type Evaluation, heldOutScenes } from "./evaluation.js"
import type { Snapshot } from "./snapshot.js"
import type { Summary } from "./summary.js"

/** Clusters of the baselines: the pieces and the background. */
const clusters = piecesInAScene + 1

interface Measured {
  readonly evaluation: Evaluation
  readonly convergence: Convergence
}

const measure = async (
  { session, evaluate, converge }: Bench,
  params: SlotAutoencoderParams,
  scenes: TetrominoesBatch,
): Promise<E.Either<RunError, Measured>> => {
  const held = await session.put(params)()
  if (E.isLeft(held)) return held
  const evaluation = await evaluate(held.right, scenes)()
  const convergence = E.isLeft(evaluation) ? evaluation : await converge(held.right)()
  session.dispose(held.right)
  if (E.isLeft(evaluation)) return evaluation
  return E.map((c: Convergence): Measured => ({ evaluation: evaluation.right, convergence: c }))(convergence)
}

/** Measures a finished run. */
export const finish =
  (
    bench: Bench,
    config: Config,
    name: string,
    { step, state: [params] }: Snapshot<SlotAutoencoderParams>,
    metrics: readonly MetricRecord[],
  ): TaskEither<RunError, Summary> =>
  async () => {
    const scenes = heldOutScenes(config.data.blockSize, config.evaluation.finalScenes)
    const trained = await measure(bench, params, scenes)
    if (E.isLeft(trained)) return trained
    const begun = await bench.begin()
    if (E.isLeft(begun)) return begun
    const untrained = await measure(bench, begun.right.state[0], scenes)
    if (E.isLeft(untrained)) return untrained
    return E.right({
      name,
      config,
      step,
      scenes,
      trained: trained.right.evaluation,
      untrained: untrained.right.evaluation.scores,
      byColour: colourBaseline(scenes, clusters, "rgb"),
      byHue: colourBaseline(scenes, clusters, "hue"),
      convergence: trained.right.convergence,
      convergenceUntrained: untrained.right.convergence,
      metrics,
      parameters: flatten("the parameters", params).leaves.reduce((n, t) => n + sizeOf(t.shape), 0),
    })
  }
