/** Scores of segmentations against the truth. */
import { ari, eachScene, fgAri, mean, miou, mse } from "../metrics/index.js"
import { partOf, type View } from "../training/index.js"
import type { Subject } from "./subject.js"

/** Means over images. */
export interface PartitionScores {
  /** Adjusted Rand index over the pixels of the objects. */
  readonly fgAri: number
  /** The same where two pieces share a colour; null: there are no such images, or nobody knows. */
  readonly fgAriSameColour: number | null
  /** Adjusted Rand index over all pixels. */
  readonly ari: number
  /** Mean intersection over union of the objects with the segments matched to them. */
  readonly miou: number
}

/** Scores of one image; null where they need masks. */
export interface ImageScores {
  readonly name: string
  readonly fgAri: number | null
  readonly ari: number | null
  readonly miou: number | null
  /** Squared error a value, of images in [-1, 1]. */
  readonly mse: number
}

const averaged = (values: Float64Array): number => mean(values) ?? 1

/** Scores label maps; null where there is nothing to compare them with. */
export const partitionScores = ({ masks, size, sharesColour }: Subject, labels: Uint8Array): PartitionScores | null => {
  if (masks === null) return null
  const each = eachScene(masks, labels, size ** 2, fgAri)
  return {
    fgAri: averaged(each),
    fgAriSameColour: mean(each.filter((_, i) => sharesColour[i])),
    ari: averaged(eachScene(masks, labels, size ** 2, ari)),
    miou: averaged(eachScene(masks, labels, size ** 2, (truth, predicted) => miou(truth, predicted))),
  }
}

/** Scores a view image by image. */
export const imageScores = ({ masks, count, images, names }: Subject, { labels, reconstructions }: View): readonly ImageScores[] =>
  names.map((name, i) => {
    const [truth, predicted] = [masks === null ? null : partOf(masks, count, i), partOf(labels, count, i)]
    const score = (of: (truth: ArrayLike<number>, predicted: ArrayLike<number>) => number) => (truth === null ? null : of(truth, predicted))
    return {
      name,
      fgAri: score(fgAri),
      ari: score(ari),
      miou: score(miou),
      mse: 4 * mse(partOf(reconstructions, count, i), partOf(images, count, i)), // in [0, 1] here: twice as large in [-1, 1]
    }
  })
