/**
 * A convolution is linear in each operand, and cheap where an operand was broadcast (conv-parties.ts). So where an operand is a sum of
 * broadcasts, as the input of a broadcast decoder is, slots s copied to all places plus an embedding p of the places,
 *
 *     conv(s + p, w) = conv(s, w) + conv(p, w)
 *
 * with the first part a product for each class of places, and the second one made for one image. The same holds of the gradient to the
 * weights, in which s + p is an operand, too.
 *
 * It is done where all parts together take at most half of the products of the whole.
 */
import { type AnyTensor, addOp, apply1, applyOf, defineRewrite } from "../../core/index.js"
import { type ConvParams, convOp, labelSizes } from "../conv.js"
import { withoutBroadcast } from "./broadcast.js"
import { contracted, type Party, type Priced, productsOf } from "./conv-parties.js"

const MOST = 8

/** What a tensor is the sum of: at most eight parts, so that the search stays short in a long chain of sums. */
const summandsOf = (x: AnyTensor): readonly AnyTensor[] => {
  const parts: AnyTensor[] = []
  const work = [x]
  while (work.length > 0) {
    const t = work.pop() as AnyTensor
    const { op, inputs } = applyOf(t)
    if (op === addOp && parts.length + work.length + 2 <= MOST) work.push(...[...inputs].reverse())
    else parts.push(t)
  }
  return parts
}

/** The sum of all parts, or null where one can't be had. */
const total = (parts: readonly (() => Priced | null)[]): Priced | null => {
  let all: Priced | null = null
  for (const part of parts) {
    const made = part()
    if (made === null) return null
    all = all === null ? made : { value: apply1(addOp, null, [all.value, made.value]), cost: all.cost + made.cost }
  }
  return all
}

defineRewrite(convOp, (params: ConvParams, [a, b]) => {
  if (a === undefined || b === undefined) return null
  const sizes = labelSizes(params, a.type, b.type)
  const most = productsOf(params.dims, [params.left, params.right, params.out], sizes) / 2
  const parties = { left: withoutBroadcast(a, params.left), right: withoutBroadcast(b, params.right) }
  const misses = (p: Party, axes: ConvParams["left"]) => p.axes.length < axes.length
  const product = (left: Party, right: Party) => () =>
    misses(left, params.left) || misses(right, params.right) ? contracted(params.dims, left, right, params.out, sizes) : null
  const ways = [
    () => summandsOf(a).map((x) => product(withoutBroadcast(x, params.left), parties.right)),
    () => summandsOf(b).map((x) => product(parties.left, withoutBroadcast(x, params.right))),
  ]
  for (const way of ways) {
    const made = total(way())
    if (made !== null && made.cost <= most) return [made.value]
  }
  return null
})
