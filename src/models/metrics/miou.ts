/** Mean intersection over union under the best matching of predicted segments to true objects. */
import { contingency } from "./contingency.js"
import { bestMatching } from "./matching.js"

/** What {@link miou} counts as an object. */
export interface MiouOptions {
  /** The true label that is no object. `null`: every true label is one. Default 0. */
  readonly background?: number | null
}

/**
 * Mean over the true objects of the intersection over union with the predicted segment that it is matched to, by the one-to-one matching
 * with the largest sum. In [0, 1]. Unions count all pixels, so a segment that spills onto the background loses.
 * An object without a partner (more objects than segments) counts 0; segments left over do not count. No object at all: 1.
 *
 * @param truth integer labels, one a pixel
 * @param predicted integer labels, one a pixel
 * @throws TraceError when the lengths differ or a label is no integer
 *
 * @example
 * miou([0, 1, 1, 2], [0, 5, 5, 6]) // 1
 */
export const miou = (truth: ArrayLike<number>, predicted: ArrayLike<number>, { background = 0 }: MiouOptions = {}): number => {
  const { counts, rows, columns, rowLabels } = contingency(truth, predicted)
  const rowSums = new Float64Array(rows)
  const columnSums = new Float64Array(columns)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      rowSums[i]! += counts[i * columns + j]!
      columnSums[j]! += counts[i * columns + j]!
    }
  }
  const objects = [...rowSums.keys()].filter((i) => rowLabels[i] !== background)
  if (objects.length === 0) return 1
  const scores = new Float64Array(objects.length * columns)
  objects.forEach((i, o) => {
    for (let j = 0; j < columns; j++) {
      const both = counts[i * columns + j]!
      scores[o * columns + j] = both / (rowSums[i]! + columnSums[j]! - both)
    }
  })
  const matched = bestMatching(scores, objects.length, columns)
  let sum = 0
  for (let o = 0; o < objects.length; o++) if (matched[o]! >= 0) sum += scores[o * columns + matched[o]!]!
  return sum / objects.length
}
