/** Scores of segmentations against the truth. */
import { ari, eachScene, fgAri, mean, miou, mse, withObjects } from "../metrics/index.js"
import { partOf, type View } from "../training/index.js"
import type { Subject } from "./subject.js"

/** Means over images. */
export interface PartitionScores {
  /** Adjusted Rand index over the pixels of the objects, of images that have some; null: none has. */
  readonly fgAri: number | null
  /** The same where two pieces share a colour; null: there are no such images, or nobody knows. */
  readonly fgAriSameColour: number | null
  /** Adjusted Rand index over all pixels. */
  readonly ari: number
  /** Mean intersection over union of the objects with the segments matched to them, of images that have objects; null: none has. */
  readonly miou: number | null
}

/** Scores of one image; null where they need masks, or objects. */
export interface ImageScores {
  readonly name: string
  readonly fgAri: number | null
  readonly ari: number | null
  readonly miou: number | null
  /** Squared error a value, of images in [-1, 1]. */
  readonly mse: number
}

/** Scores label maps; null where there is nothing to compare them with. */
export const partitionScores = ({ masks, size, sharesColour }: Subject, labels: Uint8Array): PartitionScores | null => {
  if (masks === null) return null
  const pixels = size ** 2
  const counts = withObjects(masks, pixels)
  const each = eachScene(masks, labels, pixels, fgAri)
  return {
    fgAri: mean(each.filter((_, i) => counts[i])),
    fgAriSameColour: mean(each.filter((_, i) => counts[i] && sharesColour[i])),
    ari: mean(eachScene(masks, labels, pixels, ari)) ?? 1,
    miou: mean(eachScene(masks, labels, pixels, (truth, predicted) => miou(truth, predicted)).filter((_, i) => counts[i])),
  }
}

/** Scores a view image by image. */
export const imageScores = ({ masks, count, images, names }: Subject, { labels, reconstructions }: View): readonly ImageScores[] =>
  names.map((name, i) => {
    const [truth, predicted] = [masks === null ? null : partOf(masks, count, i), partOf(labels, count, i)]
    const objects = truth?.some((label) => label !== 0) ? truth : null
    return {
      name,
      fgAri: objects === null ? null : fgAri(objects, predicted),
      ari: truth === null ? null : ari(truth, predicted),
      miou: objects === null ? null : miou(objects, predicted),
      mse: 4 * mse(partOf(reconstructions, count, i), partOf(images, count, i)), // in [0, 1] here: twice as large in [-1, 1]
    }
  })
