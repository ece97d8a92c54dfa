/**
 * A one-hot tensor h[s, n] = (i[s] = n) has one 1 for each s, or none where i[s] is outside the range. So a product with it is no product:
 *
 *     sum over n of h[s, n] t[n, r] = t[i[s], r], or 0 outside the range:     gather, which reads 0 there, too
 *     sum over s of h[s, n] g[s, r] = sum over the s with i[s] = n of g[s, r]:  scatterAdd, which leaves out what is outside
 *
 * The second is the transpose of the first: the gradient to the table. It is done where s and r share no label but those summed over,
 * and n has 32 places or more: with 10 a small product is as fast.
 */
import { type AnyTensor, apply1, applyOf, defineRewrite, type Tensor } from "../../core/index.js"
import { castOp } from "../cast.js"
import { equalOp } from "../compare.js"
import { type EinsumParams, einsumOp } from "../einsum.js"
import { gatherOp, scatterAddOp } from "../gather.js"
import { iotaOp } from "../iota.js"
import { permute } from "../shape.js"
import { type Named, withoutBroadcast } from "./broadcast.js"

const LEAST = 32

/** The indices of a one-hot tensor with the labels of their axes, and the label of the axis on which they choose; null of others. */
const oneHotOf = ({ x, axes: labels }: Named<number>): { readonly indices: Named<number>; readonly chosen: number } | null => {
  const cast = applyOf(x)
  const [bits] = cast.inputs
  if (cast.op !== castOp || bits === undefined) return null
  const { op, inputs } = applyOf(bits)
  if (op !== equalOp) return null
  const sides = inputs.map((side) => withoutBroadcast(side, labels))
  for (const [n, count] of sides.entries()) {
    const [chosen] = count.axes
    const indices = sides[1 - n] as Named<number>
    // an axis of the indices that was broadcast, too, would be lost
    if (applyOf(count.x).op === iotaOp && chosen !== undefined && indices.axes.join() === labels.filter((l) => l !== chosen).join())
      return { indices, chosen }
  }
  return null
}

/** A tensor with its axes in the order of `labels`. */
const ordered = ({ x, axes }: Named<number>, labels: readonly number[]): AnyTensor =>
  permute(
    x as Tensor,
    labels.map((l) => axes.indexOf(l)),
  )

const chosenFrom = (hot: Named<number>, other: Named<number>, out: readonly number[]): AnyTensor | null => {
  const found = oneHotOf(hot)
  if (found === null) return null
  const { indices, chosen } = found
  const size = hot.x.shape[hot.axes.indexOf(chosen)] as number
  if (size < LEAST) return null
  const rest = other.axes.filter((l) => l !== chosen && !indices.axes.includes(l))
  const shared = indices.axes.filter((l) => other.axes.includes(l))
  if (other.axes.includes(chosen) && shared.length === 0 && !out.includes(chosen)) {
    const rows = apply1(gatherOp, { shared: 0 }, [ordered(other, [chosen, ...rest]), indices.x])
    return ordered({ x: rows, axes: [...indices.axes, ...rest] }, out)
  }
  const summed = shared.length === indices.axes.length && !shared.some((l) => out.includes(l))
  if (other.axes.includes(chosen) || !summed) return null
  const rows = apply1(scatterAddOp, { shared: 0, size }, [ordered(other, [...indices.axes, ...rest]), indices.x])
  return ordered({ x: rows, axes: [chosen, ...rest] }, out)
}

defineRewrite(einsumOp, ({ left, right, out }: EinsumParams, [a, b]) => {
  if (a === undefined || b === undefined) return null
  const [x, y] = [
    { x: a, axes: left },
    { x: b, axes: right },
  ]
  const made = chosenFrom(x, y, out) ?? chosenFrom(y, x, out)
  return made === null ? null : [made]
})
