/** What a model sees in images, and how well it takes apart scenes that it was not trained on. */
import * as E from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import { type OnDevice, type RunError, type Session, type Tensor, tensor, toArray } from "../../core/index.js"
import type { Key } from "../../ops/index.js"
import { segmentByColour } from "../baselines/index.js"
import type { SceneBatch } from "../data/index.js"
import { eachScene, fgAri, labelsFromMasks, mean, mse, withObjects } from "../metrics/index.js"
import { chunkOf, type Images } from "./images.js"
import { keyOf } from "./random.js"
import type { Seen, Sight } from "./sight.js"

/** Foreground ARI over all scenes that have an object, and over those where two pieces share a colour (null: there is none). */
export interface Segmentation {
  readonly fgAri: number
  readonly fgAriSameColour: number | null
}

/** What slots paint where the decoder mixes them. */
export interface PaintedView {
  /** How much of each pixel a slot has, [count, slots, size, size]. */
  readonly shares: Float32Array
  /** What each slot would paint alone, [count, slots, size, size, 3], in [0, 1] where it paints well. */
  readonly parts: Float32Array
  /** The slot that has most of each pixel, [count, size, size]. */
  readonly labels: Uint8Array
}

/** What a model sees in images, and paints of them. */
export interface View {
  /** [count, size, size, 3], in [0, 1] where the model paints well. */
  readonly reconstructions: Float32Array
  /** The slots' attention at their last state, interpolated between the places that they attend to, [count, slots, size, size]. */
  readonly attention: Float32Array
  /** The slot that attends to each pixel most, [count, size, size]: what is scored. */
  readonly labels: Uint8Array
  /** Null where the decoder does not mix what slots paint. */
  readonly painted: PaintedView | null
  /** Further pictures by name, [count, size, size, 3]. */
  readonly pictures: Readonly<Record<string, Float32Array>>
  /** Numbers of each image by name. */
  readonly numbers: Readonly<Record<string, Float32Array>>
  /** Squared error a value, of images in [-1, 1]. */
  readonly mse: number
}

/** Scores of a view: of attention, and of the decoder's masks where there are such; null where nothing is known to compare with. */
export interface Scores {
  readonly attention: Segmentation | null
  readonly decoder: Segmentation | null
  /** Squared error a value, of images in [-1, 1]. */
  readonly mse: number
}

/**
 * Scores label maps against the true ones; null where those are not known, or no scene has an object.
 *
 * @example
 * const scenes = batch({ blockSize: 2, split: "heldOut" }, 0, 0, 8)
 * segmentation(scenes, scenes.masks)?.fgAri // 1
 */
export const segmentation = (scenes: SceneBatch, labels: Uint8Array): Segmentation | null => {
  if (scenes.masks === null) return null
  const pixels = scenes.size ** 2
  const each = eachScene(scenes.masks, labels, pixels, fgAri)
  const counts = withObjects(scenes.masks, pixels)
  const all = mean(each.filter((_, i) => counts[i]))
  return all === null ? null : { fgAri: all, fgAriSameColour: mean(each.filter((_, i) => counts[i] && scenes.sharesColour[i])) }
}

/** How many scenes have no object, and so no such score, as a sentence; none where all have one or nobody knows. */
export const objectNotes = ({ masks, count, size }: Pick<SceneBatch, "masks" | "count" | "size">, score: string): readonly string[] => {
  const without = masks === null ? 0 : withObjects(masks, size ** 2).filter((has) => !has).length
  if (without === 0) return []
  return without === count
    ? [`No ${score}: no image has an object.`]
    : [
        `${without} of ${count} images ${without === 1 ? "has" : "have"} no object and ${without === 1 ? "is" : "are"} left out of ${score}.`,
      ]
}

/**
 * Clusters of pixel colours in place of slots.
 *
 * @example
 * colourBaseline(batch({ blockSize: 2, split: "heldOut" }, 0, 0, 8), 4, "hue")?.fgAri
 */
export const colourBaseline = (scenes: SceneBatch, slots: number, space: "rgb" | "hue"): Segmentation | null =>
  segmentation(scenes, segmentByColour(scenes.images, scenes.size ** 2, { k: slots, space }))

/**
 * Scores what a model saw.
 *
 * @example
 * const scores = scored(scenes, view)
 */
export const scored = (scenes: SceneBatch, { labels, painted, mse }: View): Scores => ({
  attention: segmentation(scenes, labels),
  decoder: painted === null ? null : segmentation(scenes, painted.labels),
  mse,
})

/** Looks at images with a model; `told` is called after each chunk with how many are done. */
export type Look<P> = (params: OnDevice<P>, images: Images, told?: (done: number) => void) => TaskEither<RunError, View>

/** How many images are looked at in one run, and by which noise. */
export interface ChunkOptions {
  /** Images in one run. */
  readonly chunk: number
  /** What the slots' noise follows from. */
  readonly seed: number
}

/** Tensors of chunks put side by side, without what belongs to images that are not there. */
const joined = (parts: readonly Tensor[], images: number): Float32Array => {
  const [chunk = 1] = parts[0]?.shape ?? []
  const each = (parts[0] === undefined ? 0 : toArray(parts[0]).length) / chunk
  const whole = new Float32Array(images * each)
  parts.forEach((part, i) => {
    const from = i * chunk
    whole.set(toArray(part).subarray(0, Math.min(chunk, images - from) * each), from * each)
  })
  return whole
}

const byName = (all: readonly Readonly<Record<string, Tensor>>[], images: number): Readonly<Record<string, Float32Array>> =>
  Object.fromEntries(
    Object.keys(all[0] ?? {}).map((name) => [
      name,
      joined(
        all.map((one) => one[name] as Tensor),
        images,
      ),
    ]),
  )

const viewOf = (parts: readonly Seen[], { images, size, count }: Images, slots: number): View => {
  const whole = (of: (seen: Seen) => Tensor) => joined(parts.map(of), count)
  const [reconstructions, attention] = [whole((s) => s.reconstruction), whole((s) => s.attention)]
  const masks = parts.flatMap(({ painting }) => (painting === null ? [] : [painting]))
  const shares = joined(
    masks.map((m) => m.masks),
    count,
  )
  return {
    reconstructions,
    attention,
    labels: labelsFromMasks(attention, slots, size * size),
    painted:
      masks.length === 0
        ? null
        : {
            shares,
            parts: joined(
              masks.map((m) => m.parts),
              count,
            ),
            labels: labelsFromMasks(shares, slots, size * size),
          },
    pictures: byName(
      parts.map((s) => s.pictures),
      count,
    ),
    numbers: byName(
      parts.map((s) => s.numbers),
      count,
    ),
    mse: 4 * mse(reconstructions, images), // in [0, 1] here: twice as large in [-1, 1]
  }
}

const finite = ({ reconstructions, attention, painted, numbers }: View): boolean =>
  [reconstructions, attention, ...(painted === null ? [] : [painted.shares]), ...Object.values(numbers)].every((all) =>
    all.every(Number.isFinite),
  )

/**
 * A look at images compiled for a model: in chunks, with slots' noise that follows from the seed.
 *
 * @example
 * const look = viewer(session, autoencoderSight(modelSpec(defaultConfig), 3), { chunk: 16, seed: 0 })
 * const view = await look(paramsOnDevice, batch({ blockSize: 5, split: "heldOut" }, 0, 0, 8))()
 */
export const viewer = <P>(session: Session, sight: Sight<P>, { chunk, seed }: ChunkOptions): Look<P> => {
  const forward = session.compile((params: P, images: Tensor, key: Key) => sight.see(params, images, key))
  return (params, seen, told) => async () => {
    const { count, size } = seen
    const parts: Seen[] = []
    for (let from = 0; from < count; from += chunk) {
      const images = tensor(chunkOf(seen, from, chunk), [chunk, size, size, 3])
      // a generic tree of parameters: the types of a program ask for a known one
      const made = await forward(params as never, images, keyOf(seed, "evaluation", from))()
      if (E.isLeft(made)) return made
      parts.push(made.right as unknown as Seen)
      told?.(Math.min(from + chunk, count))
    }
    const view = viewOf(parts, seen, sight.slots)
    return finite(view)
      ? E.right(view)
      : E.left<RunError>({ _tag: "NonFinite", message: "evaluation: the model's output is not finite; its parameters have diverged" })
  }
}
