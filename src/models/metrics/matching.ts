/** The best one-to-one matching of rows to columns. */
import { linearSumAssignment } from "linear-sum-assignment"

/**
 * Column matched to each row so that the sum of `scores` over the pairs is largest; -1 for rows left over when there are fewer columns.
 *
 * @param scores `[rows, columns]`, row by row, finite
 */
export const bestMatching = (scores: Float64Array, rows: number, columns: number): Int32Array => {
  if (rows === 0 || columns === 0) return new Int32Array(rows).fill(-1)
  const matrix = Array.from({ length: rows }, (_, i) => scores.slice(i * columns, (i + 1) * columns))
  return Int32Array.from(linearSumAssignment(matrix, { maximaze: true }).rowAssignments)
}
