/** Values kept away from kinks and ties, so that every convention about them, and every rounding, gives the same derivative. */
import { sizeOf, type Tensor, tensor } from "../../../core/index.js"
import * as op from "../../../ops/index.js"
import type { NodeChoices } from "./node.js"

/** Numbers between -0.9 and 0.9, moved by `offsets` in turn. */
export const apart = (x: Tensor, offsets: readonly number[]): Tensor => {
  const moved = Float64Array.from({ length: sizeOf(x.shape) }, (_, i) => offsets[i % offsets.length] as number)
  return op.add(op.mul(op.tanh(x), 0.9), tensor(moved, x.shape)) as Tensor
}

/** Between 1.1 and 2.9 in magnitude, of both signs. */
export const awayFromZero = (x: Tensor): Tensor => apart(x, [2, -2])

/** Some order of the positions of an axis. */
export const someOrder = (d: NodeChoices, size: number): readonly number[] => {
  const order = Array.from({ length: size }, (_, i) => i)
  for (let i = size - 1; i > 0; i--) {
    const j = d.int(0, i)
    ;[order[i], order[j]] = [order[j] as number, order[i] as number]
  }
  return order
}

/** Numbers along an axis that have a known order, more than 0.2 apart. */
export const ordered = (x: Tensor, axis: number, order: readonly number[]): Tensor => {
  const ranks = tensor(
    order.map((r) => 2 * r),
    [order.length, ...x.shape.slice(axis + 1).map(() => 1)],
  )
  return op.add(op.mul(op.tanh(x), 0.9), ranks) as Tensor
}
