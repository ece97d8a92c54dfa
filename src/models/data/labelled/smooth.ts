/** Images of another size without aliasing. */
import type { LabelledImages } from "./labelled-images.js"

/** What one position of the new axis takes: weights of positions from `first` on. */
interface Taps {
  readonly first: number
  readonly weights: readonly number[]
}

/** Means over what falls into a position, its ends by their shares. */
const means = (from: number, to: number): readonly Taps[] =>
  Array.from({ length: to }, (_, i) => {
    const [start, end] = [(i * from) / to, ((i + 1) * from) / to]
    const first = Math.floor(start)
    const past = Math.min(from, Math.ceil(end))
    const weights = Array.from({ length: past - first }, (_, k) => {
      const at = first + k
      return ((Math.min(end, at + 1) - Math.max(start, at)) * to) / from
    })
    return { first, weights }
  })

/** Linear interpolation with half-pixel centres, the ends going on. */
const between = (from: number, to: number): readonly Taps[] =>
  Array.from({ length: to }, (_, i) => {
    const place = Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5))
    const first = Math.min(Math.max(0, from - 2), Math.floor(place))
    return { first, weights: from === 1 ? [1] : [1 - (place - first), place - first] }
  })

const tapsOf = (from: number, to: number): readonly Taps[] => (to < from ? means(from, to) : between(from, to))

/** Images of `side` x `side`: along an axis that gets smaller the mean of what falls into a pixel, else linear interpolation. */
export const smoothed = ({ images, count, height, width }: LabelledImages, side: number): Float32Array => {
  const [rows, columns] = [tapsOf(height, side), tapsOf(width, side)]
  const out = new Float32Array(3 * count * side * side)
  const line = new Float64Array(3 * width)
  let at = 0
  for (let n = 0; n < count; n++) {
    for (const row of rows) {
      line.fill(0)
      row.weights.forEach((weight, k) => {
        const start = 3 * (n * height + row.first + k) * width
        for (let i = 0; i < line.length; i++) line[i]! += weight * images[start + i]!
      })
      for (const { first, weights } of columns) {
        for (let c = 0; c < 3; c++) {
          let sum = 0
          for (let k = 0; k < weights.length; k++) sum += weights[k]! * line[3 * (first + k) + c]!
          out[at++] = Math.min(1, sum) // weights add up to 1 but for rounding
        }
      }
    }
  }
  return out
}
