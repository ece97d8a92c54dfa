/** A small smooth body for the examples that laws run on. */
import type { AnyTensor, Choices, Tensor } from "../../core/index.js"
import { add, mul } from "../arithmetic.js"
import { sin, tanh } from "../elementary.js"

/** A function of three tensors of one shape, bounded together with its derivatives. */
export const exampleBody = (choose: Choices): ((args: readonly [AnyTensor, AnyTensor, AnyTensor]) => AnyTensor) => {
  const kind = choose.int(0, 2)
  return (args) => {
    const [a, b, c] = args as readonly [Tensor, Tensor, Tensor]
    if (kind === 0) return add(tanh(mul(a, b)), mul(c, 0.5))
    if (kind === 1) return mul(sin(add(a, c)), tanh(b))
    return sin(add(mul(a, b), mul(b, c)))
  }
}
