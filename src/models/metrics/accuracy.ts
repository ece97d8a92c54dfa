/** How often the right class is found. */
import { TraceError } from "../failure.js"

/**
 * The share of rows whose label is among the `k` classes with the largest scores. A class that ties with the label's score counts as
 * larger only if its number is smaller, as argmax takes the first. NaN without rows.
 *
 * @param labels class numbers, one a row
 * @param scores [rows, classes]: logits or probabilities
 * @param k default 1
 * @throws TraceError when lengths do not fit, a label is no class, or a score is NaN
 * @example
 * accuracy([1, 0], [0.1, 0.9, 0.3, 0.7], 2) // 0.5
 */
export const accuracy = (labels: ArrayLike<number>, scores: ArrayLike<number>, classes: number, k = 1): number => {
  if (labels.length * classes !== scores.length)
    throw new TraceError(
      `accuracy: expected scores of ${labels.length} rows and ${classes} classes (${labels.length * classes}), found ${scores.length}`,
    )
  let right = 0
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row] as number
    if (!Number.isInteger(label) || label < 0 || label >= classes)
      throw new TraceError(`accuracy: expected labels from 0 to ${classes - 1}, found ${label} at row ${row}`)
    const own = scores[row * classes + label] as number
    let before = 0
    for (let c = 0; c < classes; c++) {
      const score = scores[row * classes + c] as number
      if (Number.isNaN(score))
        throw new TraceError(`accuracy: the score of class ${c} is NaN at row ${row}; the model's output is not finite`)
      if (score > own || (score === own && c < label)) before++
    }
    if (before < k) right++
  }
  return right / labels.length
}
