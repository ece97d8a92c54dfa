/** A trained model on images: its scores beside those of baselines, and how its refinement converges on them. */
import * as E from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import type { OnDevice, RunError, Session } from "../../core/index.js"
import type { Key } from "../../ops/index.js"
import { segmentByColour } from "../baselines/index.js"
import { firstImages } from "../data/index.js"
import { type SlotAutoencoderParams, slotAutoencoder } from "../slot-attention/index.js"
import { type Convergence, convergence, keyOf, type Loaded, type View, viewer } from "../training/index.js"
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
  { description, snapshot }: Loaded,
  subject: Subject,
  seed: number,
  iterations = description.config.evaluation.iterations,
): Promise<E.Either<RunError, Convergence>> => {
  const { model, evaluation } = description.config
  const params = await session.put(snapshot.state[0])()
  if (E.isLeft(params)) return params
  const options = { seed, iterations, stop: model.iterations, powers: evaluation.powers }
  const few = { ...firstImages(subject, fewImages), size: subject.size }
  const made = await convergence(session, slotAutoencoder(description.model), few, options)(params.right)()
  session.dispose(params.right)
  return made
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
    const { config, model: spec } = loaded.description
    const seed = options.seed ?? config.seed
    const model = slotAutoencoder(spec)
    const look = viewer(session, model, { chunk: config.training.batch, seed })
    const viewed = async (
      params: E.Either<RunError, OnDevice<SlotAutoencoderParams>>,
      before: number,
    ): Promise<E.Either<RunError, View>> => {
      if (E.isLeft(params)) return params
      const view = await look(params.right, subject, (done) => options.told?.(before + done, 2 * subject.count))()
      session.dispose(params.right)
      return view
    }
    const view = await viewed(await session.put(loaded.snapshot.state[0])(), 0)
    if (E.isLeft(view)) return view
    const begin = session.compile((key: Key) => model.init(key), { resident: true })
    const untrained = await viewed(await begin(keyOf(config.seed, "parameters"))(), subject.count)
    begin.dispose()
    if (E.isLeft(untrained)) return untrained
    const converged = await convergenceOn(session, loaded, subject, seed)
    if (E.isLeft(converged)) return converged
    const row = (key: AssessmentRow["key"], title: string, labels: Uint8Array, mse: number | null): AssessmentRow => ({
      key,
      title,
      partition: partitionScores(subject, labels),
      mse,
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
        row("model", "this run", view.right.labels, view.right.mse),
        row("decoder", "  decoder's masks", view.right.painted, null),
        row("untrained", "untrained", untrained.right.labels, untrained.right.mse),
        ...baselines,
      ],
      view: view.right,
      each: imageScores(subject, view.right),
      convergence: converged.right,
    })
  }
