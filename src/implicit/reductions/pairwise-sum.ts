/** A sum whose rounding grows with log n: halves are added until one number is left. */
import type { Tensor } from "../../core/index.js"
import { add, indexAxis, pad, sliceAxis } from "../../ops/index.js"

/** The sum over an axis, which is taken away. A plain sum of ten thousand equal numbers is off by hundreds of roundings. */
export const pairwiseSum = (x: Tensor, axis: number): Tensor => {
  let halves = x
  for (let n = x.shape[axis] as number; n > 1; n = Math.ceil(n / 2)) {
    const half = Math.ceil(n / 2)
    const second = pad(
      sliceAxis(halves, axis, half, n),
      x.shape.map((_, i): readonly [number, number] => [0, i === axis ? 2 * half - n : 0]),
    )
    halves = add(sliceAxis(halves, axis, 0, half), second) as Tensor
  }
  return indexAxis(halves, axis, 0)
}
