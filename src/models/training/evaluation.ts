/** How well a model takes scenes apart that it was not trained on. */
import * as E from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import * as TE from "fp-ts/lib/TaskEither.js"
import { type OnDevice, type RunError, type Session, type Tensor, tensor, toArray } from "../../core/index.js"
import type { Key } from "../../ops/index.js"
import { segmentByColour } from "../baselines/index.js"
import { batch, type TetrominoesBatch } from "../data/index.js"
import { eachScene, fgAri, labelsFromMasks, mean, mse } from "../metrics/index.js"
import type { SlotAutoencoder, SlotAutoencoderParams } from "../slot-attention/index.js"
import { attentionMaps } from "./attention-maps.js"
import { centred } from "./objective.js"
import { keyOf } from "./random.js"

/** Foreground ARI over all scenes, and over those where two pieces share a colour (null: there is none). */
export interface Segmentation {
  readonly fgAri: number
  readonly fgAriSameColour: number | null
}

/** Scores of a model on scenes: of its attention, of its masks, and of what it paints. */
export interface Scores extends Segmentation {
  /** The same where a pixel belongs to the slot that has most of it in the decoder's masks. */
  readonly decoder: Segmentation
  /** Squared error a value, of images in [-1, 1]. */
  readonly mse: number
}

/** Square images side by side. */
export interface Images {
  readonly count: number
  /** Side in pixels. */
  readonly size: number
  /** [count, size, size, 3], in [0, 1]. */
  readonly images: Float32Array
}

/** Images with the truth about them. */
export interface Scenes extends Images {
  /** Label maps [count, size, size], 0 the background. */
  readonly masks: Uint8Array
  /** Whether two pieces of a scene share a colour; empty where that is not known. */
  readonly sharesColour: readonly boolean[]
}

/** What a model sees in images, and paints of them. */
export interface View {
  /** [count, size, size, 3], in [0, 1] where the model paints well. */
  readonly reconstructions: Float32Array
  /** The slots' attention at their last state, interpolated between the places that they attend to, [count, slots, size, size]. */
  readonly attention: Float32Array
  /** The slot that attends to each pixel most, [count, size, size]: what is scored. */
  readonly labels: Uint8Array
  /** The slot that has most of each pixel in the decoder's masks. */
  readonly painted: Uint8Array
  /** Squared error a value, of images in [-1, 1]. */
  readonly mse: number
}

/** What a model made of scenes. */
export interface Evaluation extends View {
  readonly scores: Scores
}

/**
 * The scenes that all models and baselines of a block size are compared on, whatever their seed.
 *
 * @example
 * heldOutScenes(2, 8).count // 8
 */
export const heldOutScenes = (blockSize: number, count: number): TetrominoesBatch => batch({ blockSize, split: "heldOut" }, 0, 0, count)

/**
 * Scores label maps against the true ones.
 *
 * @example
 * const scenes = heldOutScenes(2, 8)
 * segmentation(scenes, scenes.masks).fgAri // 1
 */
export const segmentation = (scenes: Scenes, labels: Uint8Array): Segmentation => {
  const each = eachScene(scenes.masks, labels, scenes.size ** 2, fgAri)
  return { fgAri: mean(each) ?? 1, fgAriSameColour: mean(each.filter((_, i) => scenes.sharesColour[i])) }
}

/**
 * Clusters of pixel colours in place of slots.
 *
 * @example
 * const { fgAri } = colourBaseline(heldOutScenes(2, 8), 4, "hue")
 */
export const colourBaseline = (scenes: Scenes, slots: number, space: "rgb" | "hue"): Segmentation =>
  segmentation(scenes, segmentByColour(scenes.images, scenes.size ** 2, { k: slots, space }))

/** Looks at images with a model; `told` is called after each chunk with how many are done. */
export type Look = (params: OnDevice<SlotAutoencoderParams>, images: Images, told?: (done: number) => void) => TaskEither<RunError, View>

/** Scores a model on scenes; the parameters are on the device. */
export type Evaluate = (params: OnDevice<SlotAutoencoderParams>, scenes: Scenes) => TaskEither<RunError, Evaluation>

/** Values of images `from` to `from + count - 1`; past the last one, the last one again, so that all chunks have one shape. */
export const chunkOf = ({ images, size, count: all }: Images, from: number, count: number): Float32Array => {
  const values = 3 * size * size
  const chunk = new Float32Array(count * values)
  for (let i = 0; i < count; i++) {
    const image = Math.min(from + i, all - 1)
    chunk.set(images.subarray(image * values, (image + 1) * values), i * values)
  }
  return chunk
}

/** Copies what belongs to images that are there. */
const collect = (whole: Float32Array, part: Tensor, chunk: number, images: number, from: number): void => {
  const each = whole.length / images
  const kept = Math.min(chunk, images - from)
  whole.set(toArray(part).subarray(0, kept * each), from * each)
}

/** How many images are looked at in one run, and by which noise. */
export interface ChunkOptions {
  /** Images in one run. */
  readonly chunk: number
  /** What the slots' noise follows from. */
  readonly seed: number
}

/**
 * A look at images compiled for a model: in chunks, with slots' noise that follows from the seed.
 *
 * @example
 * const look = viewer(session, model, { chunk: 16, seed: 0 })
 * const view = await look(paramsOnDevice, heldOutScenes(2, 8))()
 */
export const viewer = (session: Session, model: SlotAutoencoder, { chunk, seed }: ChunkOptions): Look => {
  const forward = session.compile((params: SlotAutoencoderParams, images: Tensor, key: Key) => {
    const { reconstruction, masks, attention } = model.apply(params, centred(images), { key, mode: "eval" })
    return { reconstruction, masks, attention: attentionMaps(attention, images.shape[1] as number) }
  })
  const slots = model.spec.attention.slots
  return (params, seen, told) => async () => {
    const { count, size } = seen
    const whole = {
      masks: new Float32Array(count * slots * size * size),
      attention: new Float32Array(count * slots * size * size),
      reconstruction: new Float32Array(count * size * size * 3),
    }
    const parts = ["masks", "attention", "reconstruction"] as const
    for (let from = 0; from < count; from += chunk) {
      const images = tensor(chunkOf(seen, from, chunk), [chunk, size, size, 3])
      // a generic tree of parameters: the types of a program ask for a known one
      const made = await forward(params as never, images, keyOf(seed, "evaluation", from))()
      if (E.isLeft(made)) return made
      for (const part of parts) collect(whole[part], made.right[part], chunk, count, from)
      told?.(Math.min(from + chunk, count))
    }
    if (!parts.every((part) => whole[part].every(Number.isFinite))) {
      return E.left<RunError>({ _tag: "NonFinite", message: "evaluation: the model's output is not finite; its parameters have diverged" })
    }
    const target = seen.images.map((x) => 2 * x - 1)
    return E.right({
      reconstructions: whole.reconstruction.map((x) => (x + 1) / 2),
      attention: whole.attention,
      labels: labelsFromMasks(whole.attention, slots, size * size),
      painted: labelsFromMasks(whole.masks, slots, size * size),
      mse: mse(whole.reconstruction, target),
    })
  }
}

/**
 * An evaluation compiled for a model.
 *
 * @example
 * const evaluate = evaluator(session, model, { chunk: 16, seed: 0 })
 * const evaluated = await evaluate(paramsOnDevice, heldOutScenes(2, 320))()
 * if (E.isRight(evaluated)) console.log(evaluated.right.scores.fgAri)
 */
export const evaluator = (session: Session, model: SlotAutoencoder, options: ChunkOptions): Evaluate => {
  const look = viewer(session, model, options)
  return (params, scenes) =>
    TE.map((view: View): Evaluation => {
      const { labels, painted, mse } = view
      return { ...view, scores: { ...segmentation(scenes, labels), decoder: segmentation(scenes, painted), mse } }
    })(look(params, scenes))
}
