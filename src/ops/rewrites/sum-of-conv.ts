/**
 * The sum of a convolution over axes of its result is cheap: a label that is summed leaves the result, so it is summed in the operand that
 * has it; a place that is summed leaves the relation to its classes (conv-parties.ts). That is what the transpose of a broadcast asks
 * for: the gradients of slots and of the embedding of places are sums of conv(g, w) over places and over images.
 *
 *     sum over n of conv(g, w) = conv(sum over n of g, w)
 *     sum over x of conv(g, w) = sum over classes c of (sum of g over c) (sum of the taps of w that c sees)
 *
 * The convolution may be needed elsewhere, too, and is made then in any case. So it is done only where it takes at most an eighth of it.
 */
import { applyOf, defineRewrite, sumOp } from "../../core/index.js"
import { type ConvParams, convOp, labelSizes } from "../conv.js"
import { withoutBroadcast } from "./broadcast.js"
import { contracted, productsOf } from "./conv-parties.js"

defineRewrite(sumOp, ({ axes: gone }, [x]) => {
  const { op, params, inputs } = applyOf(x)
  const [a, b] = inputs
  if (op !== convOp || a === undefined || b === undefined) return null
  const { dims, left, right, out } = params as ConvParams
  const sizes = labelSizes(params as ConvParams, a.type, b.type)
  const made = contracted(
    dims,
    withoutBroadcast(a, left),
    withoutBroadcast(b, right),
    out.filter((_, n) => !gone.includes(n)),
    sizes,
  )
  return made !== null && made.cost * 8 <= productsOf(dims, [left, right, out], sizes) ? [made.value] : null
})
