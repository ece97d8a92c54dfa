/** The end of a run: its model and the untrained one on held-out images, beside the baselines. */
import * as E from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import { flatten, type RunError, sizeOf } from "../../core/index.js"
import type { Config } from "../config/index.js"
import type { OpenedSource, SceneBatch } from "../data/index.js"
import type { MetricRecord } from "../run-folder/index.js"
import type { Bench } from "./bench.js"
import type { Convergence } from "./convergence.js"
import { colourBaseline, type Scores, type Segmentation, scored, type View } from "./evaluation.js"
import type { Snapshot } from "./snapshot.js"

/** A model on images: what it saw, its scores, and how its refinement converges. */
export interface Measured {
  readonly view: View
  readonly scores: Scores
  readonly convergence: Convergence
}

/** What a finished run has to show: scores beside baselines, and how its refinement converges. */
export interface Summary {
  readonly name: string
  readonly config: Config
  readonly step: number
  readonly scenes: SceneBatch
  readonly trained: Measured
  readonly untrained: Measured
  readonly byColour: Segmentation | null
  readonly byHue: Segmentation | null
  readonly metrics: readonly MetricRecord[]
  readonly parameters: number
  /** How many images are trained on, and held out (0: the only one is trained on); null: they are drawn. */
  readonly images: { readonly trained: number; readonly heldOut: number } | null
}

const measured = async <P>({ session, look, converge }: Bench<P>, params: P, scenes: SceneBatch): Promise<E.Either<RunError, Measured>> => {
  const held = await session.put(params as never)() // a generic tree: the types of put ask for a known one
  if (E.isLeft(held)) return held
  const view = await look(held.right, scenes)()
  const convergence = E.isLeft(view) ? view : await converge(held.right)()
  session.dispose(held.right)
  if (E.isLeft(view)) return view
  return E.map((c: Convergence): Measured => ({ view: view.right, scores: scored(scenes, view.right), convergence: c }))(convergence)
}

/**
 * Measures a finished run on scenes of the source that it was trained on.
 *
 * @example
 * const summary = await finish(bench, config, "my run", snapshot, metrics, scenes, source)()
 */
export const finish =
  <P>(
    bench: Bench<P>,
    config: Config,
    name: string,
    { step, state: [params] }: Snapshot<P>,
    metrics: readonly MetricRecord[],
    scenes: SceneBatch,
    { objects, length, kept }: Pick<OpenedSource, "objects" | "length" | "kept">,
  ): TaskEither<RunError, Summary> =>
  async () => {
    const trained = await measured(bench, params, scenes)
    if (E.isLeft(trained)) return trained
    const begun = await bench.begin()
    if (E.isLeft(begun)) return begun
    const untrained = await measured(bench, begun.right.state[0], scenes)
    if (E.isLeft(untrained)) return untrained
    const clusters = (objects ?? config.model.slots - 1) + 1 // the background is one
    return E.right({
      name,
      config,
      step,
      scenes,
      trained: trained.right,
      untrained: untrained.right,
      byColour: colourBaseline(scenes, clusters, "rgb"),
      byHue: colourBaseline(scenes, clusters, "hue"),
      metrics,
      parameters: flatten("the parameters", params).leaves.reduce((n, t) => n + sizeOf(t.shape), 0),
      images: length === null || kept === null ? null : { trained: length, heldOut: kept },
    })
  }
