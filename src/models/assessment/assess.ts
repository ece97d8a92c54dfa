/** A trained model on images: its scores beside those of baselines, and how its refinement converges on them. */
import * as E from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import type { RunError, Session } from "../../core/index.js"
import type { Key } from "../../ops/index.js"
import { segmentByColour } from "../baselines/index.js"
import { firstImages } from "../data/index.js"
import { initOf, type ModelParams, sightOf } from "../families/index.js"
import type { Loaded } from "../runs/index.js"
import { type Convergence, convergence, keyOf, mean, type View, viewer } from "../training/index.js"
import { type ImageScores, imageScores, type PartitionScores, partitionScores } from "./scores.js"
import type { Subject } from "./subject.js"

/** Scores of the model or of what it is compared with. */
export interface AssessmentRow {
  /** Its name in data. */
  readonly key: "model" | "decoder" | "untrained" | "kMeansColour" | "kMeansHue"
  readonly title: string
  /** Null: there are no masks. */
  readonly partition: PartitionScores | null
  /** Squared error a value, of images in [-1, 1]; null where nothing is painted. */
  readonly mse: number | null
  /** Further numbers, means over images, by name. */
  readonly numbers: Readonly<Record<string, number>>
}

/** How a model does on images, beside baselines: scores in rows, what it saw, and how its refinement converged. */
export interface Assessment {
  readonly subject: Subject
  readonly seed: number
  readonly rows: readonly AssessmentRow[]
  readonly view: View
  readonly each: readonly ImageScores[]
  readonly convergence: Convergence
}

/** Options of `assess`. */
export interface AssessOptions {
  /** What the slots' noise follows from. Default: the run's seed. */
  readonly seed?: number
  /** Called now and then with how many images of how many are done, both models'. */
  readonly told?: (done: number, all: number) => void
}

/** Images on which the refinement's convergence is measured: each is a solve of its own. */
const fewImages = 16

/** The convergence of a run's refinement on the first images. */
export const convergenceOn = async (
  session: Session,
  { description: { model, config }, snapshot }: Loaded,
  subject: Subject,
  seed: number,
  iterations = config.evaluation.iterations,
): Promise<E.Either<RunError, Convergence>> => {
  const params = await session.put(snapshot.state[0] as never)() // a generic tree: the types of put ask for a known one
  if (E.isLeft(params)) return params
  const options = { seed, iterations, powers: config.evaluation.powers }
  const few = { ...firstImages(subject, fewImages), size: subject.size }
  const made = await convergence(session, sightOf(model, config), few, options)(params.right)()
  session.dispose(params.right)
  return made
}

/** What a model with some parameters sees in images. */
export const viewOf = async (
  session: Session,
  { description: { model, config } }: Loaded,
  params: ModelParams,
  subject: Subject,
  seed: number,
  told?: (done: number) => void,
): Promise<E.Either<RunError, View>> => {
  const held = await session.put(params as never)() // a generic tree: the types of put ask for a known one
  if (E.isLeft(held)) return held
  const view = await viewer(session, sightOf(model, config), { chunk: config.training.batch, seed })(held.right, subject, told)()
  session.dispose(held.right)
  return view
}

/** The parameters that a run began with. */
const initial = async (session: Session, { description: { model, config } }: Loaded): Promise<E.Either<RunError, ModelParams>> => {
  const begin = session.compile((key: Key) => initOf(model)(key))
  const made = await begin(keyOf(config.seed, "parameters"))()
  begin.dispose()
  return made as E.Either<RunError, ModelParams> // what comes back has the tree of what was made
}

const byColour = ({ images, size, clusters }: Subject, space: "rgb" | "hue"): Uint8Array =>
  segmentByColour(images, size ** 2, { k: clusters, space })

/**
 * Evaluates the model of a checkpoint on images, as the end of training does: with the same noise on held-out scenes the same figures.
 * Without masks there is the squared error alone.
 *
 * @example
 * const loaded = await load("runs/a/checkpoint.safetensors")()
 * if (E.isRight(loaded)) await assess(session, loaded.right, heldOutSubject(loaded.right.description.config, 320))()
 */
export const assess =
  (session: Session, loaded: Loaded, subject: Subject, options: AssessOptions = {}): TaskEither<RunError, Assessment> =>
  async () => {
    const seed = options.seed ?? loaded.description.config.seed
    const counted = (before: number) => (done: number) => options.told?.(before + done, 2 * subject.count)
    const view = await viewOf(session, loaded, loaded.snapshot.state[0], subject, seed, counted(0))
    if (E.isLeft(view)) return view
    const begun = await initial(session, loaded)
    if (E.isLeft(begun)) return begun
    const untrained = await viewOf(session, loaded, begun.right, subject, seed, counted(subject.count))
    if (E.isLeft(untrained)) return untrained
    const converged = await convergenceOn(session, loaded, subject, seed)
    if (E.isLeft(converged)) return converged
    const row = (key: AssessmentRow["key"], title: string, labels: Uint8Array, of: View | null): AssessmentRow => ({
      key,
      title,
      partition: partitionScores(subject, labels),
      mse: of?.mse ?? null,
      numbers: of === null ? {} : Object.fromEntries(Object.entries(of.numbers).map(([name, values]) => [name, mean(values)])),
    })
    const baselines =
      subject.masks === null
        ? []
        : [
            row("kMeansColour", "k-means on colour", byColour(subject, "rgb"), null),
            row("kMeansHue", "k-means on hue", byColour(subject, "hue"), null),
          ]
    return E.right({
      subject,
      seed,
      rows: [
        row("model", "this run", view.right.labels, view.right),
        ...(view.right.painted === null ? [] : [row("decoder", "by the decoder's masks", view.right.painted.labels, null)]),
        row("untrained", "untrained", untrained.right.labels, untrained.right),
        ...baselines,
      ],
      view: view.right,
      each: imageScores(subject, view.right),
      convergence: converged.right,
    })
  }
