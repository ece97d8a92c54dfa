/** How two label maps overlap. Labels are any integers; only which pixels share one matters. */
import { TraceError } from "../failure.js"

export interface Contingency {
  /** `counts[r * columns + c]`: pixels with true label number r and predicted label number c. */
  readonly counts: Float64Array
  readonly rows: number
  readonly columns: number
  /** The true and predicted labels, in order of first appearance. */
  readonly rowLabels: readonly number[]
  readonly columnLabels: readonly number[]
  /** Pixels counted. */
  readonly total: number
}

/** Numbers the labels of `labels` 0, 1, 2, ... in order of appearance. */
const numbered = (labels: ArrayLike<number>, count: number): { of: Int32Array; names: number[] } => {
  const numbers = new Map<number, number>()
  const of = new Int32Array(count)
  for (let i = 0; i < count; i++) {
    const label = labels[i]!
    if (!Number.isInteger(label)) throw new TraceError(`metrics: labels must be integers, found ${label} at pixel ${i}`)
    let number = numbers.get(label)
    if (number === undefined) {
      number = numbers.size
      numbers.set(label, number)
    }
    of[i] = number
  }
  return { of, names: [...numbers.keys()] }
}

/** @throws TraceError when the maps differ in length or a label is not an integer */
export const contingency = (truth: ArrayLike<number>, predicted: ArrayLike<number>): Contingency => {
  const total = truth.length
  if (predicted.length !== total) {
    throw new TraceError(
      `metrics: the true label map has ${total} pixels and the predicted one ${predicted.length}; both must cover the same image`,
    )
  }
  const rows = numbered(truth, total)
  const columns = numbered(predicted, total)
  const counts = new Float64Array(rows.names.length * columns.names.length)
  for (let i = 0; i < total; i++) counts[rows.of[i]! * columns.names.length + columns.of[i]!]!++
  return {
    counts,
    rows: rows.names.length,
    columns: columns.names.length,
    rowLabels: rows.names,
    columnLabels: columns.names,
    total,
  }
}
