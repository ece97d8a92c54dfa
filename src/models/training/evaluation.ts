/** How well a model takes scenes apart that it was not trained on. */
import * as E from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import { type OnDevice, type RunError, type Session, type Tensor, tensor, toArray } from "../../core/index.js"
import type { Key } from "../../ops/index.js"
import { segmentByColour } from "../baselines/index.js"
import { batch, type TetrominoesBatch } from "../data/index.js"
import { eachScene, fgAri, labelsFromMasks, mean, mse } from "../metrics/index.js"
import type { SlotAutoencoder, SlotAutoencoderParams } from "../slot-attention/index.js"
import { centred } from "./objective.js"
import { keyOf } from "./random.js"

/** Foreground ARI over all scenes, and over those where two pieces share a colour (null: there is none). */
export interface Segmentation {
  readonly fgAri: number
  readonly fgAriSameColour: number | null
}

export interface Scores extends Segmentation {
  /** The same where a pixel belongs to the slot that has most of it in the decoder's masks. */
  readonly decoder: Segmentation
  /** Squared error a value, of images in [-1, 1]. */
  readonly mse: number
}

/** What a model made of scenes. */
export interface Evaluation {
  readonly scores: Scores
  /** [scenes, size, size, 3], in [0, 1] where the model paints well. */
  readonly reconstructions: Float32Array
  /** The slots' attention at their last state, [scenes, slots, size, size]. */
  readonly attention: Float32Array
  /** The slot that attends to each pixel most, [scenes, size, size]: what is scored. */
  readonly labels: Uint8Array
}

/** The scenes that all models and baselines of a block size are compared on, whatever their seed. */
export const heldOutScenes = (blockSize: number, count: number): TetrominoesBatch => batch({ blockSize, split: "heldOut" }, 0, 0, count)

/** Scores label maps against the true ones. */
export const segmentation = (scenes: TetrominoesBatch, labels: Uint8Array): Segmentation => {
  const each = eachScene(scenes.masks, labels, scenes.size ** 2, fgAri)
  return { fgAri: mean(each) ?? 1, fgAriSameColour: mean(each.filter((_, i) => scenes.sharesColour[i])) }
}

/** Clusters of pixel colours in place of slots. */
export const colourBaseline = (scenes: TetrominoesBatch, slots: number, space: "rgb" | "hue"): Segmentation =>
  segmentation(scenes, segmentByColour(scenes.images, scenes.size ** 2, { k: slots, space }))

export type Evaluate = (params: OnDevice<SlotAutoencoderParams>, scenes: TetrominoesBatch) => TaskEither<RunError, Evaluation>

/** Values of scenes `from` to `from + count - 1`; past the last scene, the last one again, so that all chunks have one shape. */
const chunkOf = ({ images, size, count: all }: TetrominoesBatch, from: number, count: number): Float32Array => {
  const values = 3 * size * size
  const chunk = new Float32Array(count * values)
  for (let i = 0; i < count; i++) {
    const scene = Math.min(from + i, all - 1)
    chunk.set(images.subarray(scene * values, (scene + 1) * values), i * values)
  }
  return chunk
}

/** Copies what belongs to scenes that are there. */
const collect = (whole: Float32Array, part: Tensor, chunk: number, scenes: number, from: number): void => {
  const each = whole.length / scenes
  const kept = Math.min(chunk, scenes - from)
  whole.set(toArray(part).subarray(0, kept * each), from * each)
}

/** An evaluation compiled for a model: in chunks of `chunk` scenes, with slots' noise that follows from the seed. */
export const evaluator = (
  session: Session,
  model: SlotAutoencoder,
  { chunk, seed }: { readonly chunk: number; readonly seed: number },
): Evaluate => {
  const forward = session.compile((params: SlotAutoencoderParams, images: Tensor, key: Key) => {
    const { reconstruction, masks, attention } = model.apply(params, centred(images), { key, mode: "eval" })
    return { reconstruction, masks, attention }
  })
  const slots = model.spec.attention.slots
  return (params, scenes) => async () => {
    const { count, size } = scenes
    const whole = {
      masks: new Float32Array(count * slots * size * size),
      attention: new Float32Array(count * slots * size * size),
      reconstruction: new Float32Array(count * size * size * 3),
    }
    const parts = ["masks", "attention", "reconstruction"] as const
    for (let from = 0; from < count; from += chunk) {
      const images = tensor(chunkOf(scenes, from, chunk), [chunk, size, size, 3])
      // a generic tree of parameters: the types of a program ask for a known one
      const made = await forward(params as never, images, keyOf(seed, "evaluation", from))()
      if (E.isLeft(made)) return made
      for (const part of parts) collect(whole[part], made.right[part], chunk, count, from)
    }
    if (!parts.every((part) => whole[part].every(Number.isFinite))) {
      return E.left<RunError>({ _tag: "NonFinite", message: "evaluation: the model's output is not finite; its parameters have diverged" })
    }
    const labels = labelsFromMasks(whole.attention, slots, size * size)
    const painted = labelsFromMasks(whole.masks, slots, size * size)
    const target = scenes.images.map((x) => 2 * x - 1)
    return E.right({
      scores: { ...segmentation(scenes, labels), decoder: segmentation(scenes, painted), mse: mse(whole.reconstruction, target) },
      reconstructions: whole.reconstruction.map((x) => (x + 1) / 2),
      attention: whole.attention,
      labels,
    })
  }
}
