/** A small body for the examples that laws run on. */
import type { AnyTensor, Choices, Tensor } from "../../core/index.js"
import { add, mul } from "../arithmetic.js"
import { sin, tanh } from "../elementary.js"
import { tap } from "../tap.js"

/**
 * A function of three tensors of one shape: smooth and bounded with its derivatives, tapped or not, or affine in each, so that it
 * has a transpose.
 */
export const exampleBody = (choose: Choices): ((args: readonly [AnyTensor, AnyTensor, AnyTensor]) => AnyTensor) => {
  const kind = choose.int(0, 3)
  const tapped = kind < 3 && choose.bool()
  const smooth = ([a, b, c]: readonly [Tensor, Tensor, Tensor]): Tensor => {
    if (kind === 0) return add(tanh(mul(a, b)), mul(c, 0.5))
    if (kind === 1) return mul(sin(add(a, c)), tanh(b))
    if (kind === 2) return sin(add(mul(a, b), mul(b, c)))
    return add(mul(a, b), c)
  }
  return (args) => {
    const y = smooth(args as readonly [Tensor, Tensor, Tensor])
    return tapped ? tap("example", y, { limit: 3 }) : y
  }
}
