/** Adjusted Rand index (Hubert and Arabie, 1985) and its foreground version, the segmentation score of slot attention. */
import { contingency } from "./contingency.js"

/** n (n - 1), summed: twice the number of pairs within groups. */
const pairs = (counts: Float64Array): number => {
  let sum = 0
  for (const n of counts) sum += n * (n - 1)
  return sum
}

/**
 * Adjusted Rand index of two label maps: 1 when they are the same partition (whatever the labels are called), 0 on average for
 * unrelated ones, at least -0.5.
 *
 * With n_ij pixels in true group i and predicted group j, and sums a_i, b_j:
 * `R = sum n_ij (n_ij - 1)`, `A = sum a_i (a_i - 1)`, `B = sum b_j (b_j - 1)`, `E = A B / (n (n - 1))`, ARI = `(R - E) / ((A + B) / 2 - E)`.
 * This is 0 / 0 only if both are one group, or both are all singletons: equal partitions, so 1. Maps of no pixel or one are equal too: 1.
 *
 * @param truth integer labels, one a pixel
 * @param predicted integer labels, one a pixel
 * @throws TraceError when the lengths differ or a label is no integer
 *
 * @example
 * ari([0, 0, 1, 1], [7, 7, 3, 3]) // 1
 */
export const ari = (truth: ArrayLike<number>, predicted: ArrayLike<number>): number => {
  const { counts, rows, columns, total } = contingency(truth, predicted)
  if (total < 2) return 1
  const a = new Float64Array(rows)
  const b = new Float64Array(columns)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const n = counts[i * columns + j]!
      a[i]! += n
      b[j]! += n
    }
  }
  const [index, trueIndex, predictedIndex] = [pairs(counts), pairs(a), pairs(b)]
  const expected = (trueIndex * predictedIndex) / (total * (total - 1))
  const most = (trueIndex + predictedIndex) / 2
  return most === expected ? 1 : (index - expected) / (most - expected)
}

/**
 * Foreground ARI: {@link ari} over the pixels whose true label is not `background`. What is predicted on background pixels does not count.
 * 1 when there is no foreground (or one pixel of it): there is nothing to tell apart.
 *
 * @param background the true label of the background; default 0
 *
 * @example
 * fgAri([0, 1, 1, 2, 2], [3, 4, 4, 3, 3]) // 1
 */
export const fgAri = (truth: ArrayLike<number>, predicted: ArrayLike<number>, background = 0): number => {
  if (truth.length !== predicted.length) return ari(truth, predicted) // refuses, naming both lengths
  const kept: number[] = []
  for (let i = 0; i < truth.length; i++) if (truth[i] !== background) kept.push(i)
  return ari(
    kept.map((i) => truth[i]!),
    kept.map((i) => predicted[i]!),
  )
}
