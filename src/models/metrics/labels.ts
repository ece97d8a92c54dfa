/** Between masks and label maps, and scores over many scenes. */
import { TraceError } from "../failure.js"

/**
 * The slot with the largest mask at each pixel; ties go to the lowest slot.
 *
 * @param masks `[scenes, slots, pixels]` (one scene: `[slots, pixels]`); any increasing function of them will do, e.g. logits
 * @returns `[scenes, pixels]`, labels 0 to slots - 1
 * @throws TraceError when the length does not divide, there are more than 256 slots, or a mask is NaN
 *
 * @example
 * labelsFromMasks([0.9, 0.2, 0.1, 0.8], 2, 2) // Uint8Array [0, 1]
 */
export const labelsFromMasks = (masks: ArrayLike<number>, slots: number, pixels: number): Uint8Array => {
  const scenes = masks.length / (slots * pixels)
  if (!Number.isInteger(scenes) || slots < 1 || slots > 256) {
    throw new TraceError(`metrics: masks must hold [scenes, ${slots} slots (1 to 256), ${pixels} pixels], found ${masks.length} values`)
  }
  const labels = new Uint8Array(scenes * pixels)
  for (let s = 0; s < scenes; s++) {
    for (let p = 0; p < pixels; p++) {
      let best = Number.NEGATIVE_INFINITY
      for (let k = 0; k < slots; k++) {
        const value = masks[(s * slots + k) * pixels + p]!
        if (Number.isNaN(value))
          throw new TraceError(`metrics: the mask of slot ${k} is NaN at pixel ${p} of scene ${s}; the model's output is not finite`)
        if (value > best) {
          best = value
          labels[s * pixels + p] = k
        }
      }
    }
  }
  return labels
}

/**
 * One mask a label: 1 where the label is, 0 elsewhere, so that every pixel is in just one mask. The opposite of {@link labelsFromMasks}.
 *
 * @param labels `[scenes, pixels]` (one scene: `[pixels]`), labels 0 to masks - 1
 * @param masks how many masks a scene has: of `n` objects `n + 1`, the first the background's
 * @returns `[scenes, masks, pixels]`
 * @throws TraceError when the length does not divide, or a label has no mask
 *
 * @example
 * masksFromLabels(Uint8Array.of(0, 1), 2, 2) // Uint8Array [1, 0, 0, 1]
 */
export const masksFromLabels = (labels: Uint8Array, masks: number, pixels: number): Uint8Array => {
  const scenes = labels.length / pixels
  if (!Number.isInteger(scenes)) throw new TraceError(`metrics: label maps must be [scenes, ${pixels}], found ${labels.length} labels`)
  const made = new Uint8Array(scenes * masks * pixels)
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!
    const scene = Math.floor(i / pixels)
    if (label >= masks)
      throw new TraceError(`metrics: pixel ${i % pixels} of scene ${scene} has label ${label}; expected 0 to ${masks - 1}, a mask each`)
    made[(scene * masks + label) * pixels + (i % pixels)] = 1
  }
  return made
}

/**
 * A score of two label maps, scene by scene.
 *
 * @param truth `[scenes, pixels]` integer labels
 * @param predicted `[scenes, pixels]` integer labels
 * @param pixels pixels of one scene
 * @param score such as {@link fgAri} or {@link miou}
 * @returns one score a scene; average them with {@link mean}
 * @throws TraceError when a length is no multiple of `pixels` or the lengths differ
 *
 * @example
 * eachScene(Uint8Array.of(1, 2, 1, 2), Uint8Array.of(7, 8, 7, 7), 2, ari) // Float64Array [1, 0]
 */
export const eachScene = (
  truth: Uint8Array,
  predicted: Uint8Array,
  pixels: number,
  score: (truth: Uint8Array, predicted: Uint8Array) => number,
): Float64Array => {
  const scenes = truth.length / pixels
  if (!Number.isInteger(scenes) || truth.length !== predicted.length) {
    throw new TraceError(`metrics: both label maps must be [scenes, ${pixels}], found ${truth.length} and ${predicted.length} labels`)
  }
  return Float64Array.from({ length: scenes }, (_, s) =>
    score(truth.subarray(s * pixels, (s + 1) * pixels), predicted.subarray(s * pixels, (s + 1) * pixels)),
  )
}

/**
 * Which scenes have an object: a label that is not 0, the background. In others there is nothing to tell apart: {@link fgAri} and {@link miou}
 * are 1 by convention, and means leave them out.
 *
 * @param truth `[scenes, pixels]` integer labels
 * @param pixels pixels of one scene
 *
 * @example
 * withObjects(Uint8Array.of(0, 2, 0, 0), 2) // [true, false]
 */
export const withObjects = (truth: Uint8Array, pixels: number): readonly boolean[] =>
  Array.from({ length: truth.length / pixels }, (_, s) => truth.subarray(s * pixels, (s + 1) * pixels).some((label) => label !== 0))

/**
 * The average; `null` for no values at all (there is nothing to report).
 *
 * @example
 * meanScore([0.5, 1]) // 0.75
 */
export const mean = (values: ArrayLike<number>): number | null => {
  if (values.length === 0) return null
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return sum / values.length
}
