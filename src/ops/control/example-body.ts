/** A small smooth body for the examples that laws run on. */
import type { AnyTensor, Choices, Tensor } from "../../core/index.js"
import { add, mul } from "../arithmetic.js"
import { sin, tanh } from "../elementary.js"

/** A function of three tensors of one shape: smooth and bounded with its derivatives, or affine in each, so that it has a transpose. */
export const exampleBody = (choose: Choices): ((args: readonly [AnyTensor, AnyTensor, AnyTensor]) => AnyTensor) => {
  const kind = choose.int(0, 3)
  return (args) => {
    const [a, b, c] = args as readonly [Tensor, Tensor, Tensor]
    if (kind === 0) return add(tanh(mul(a, b)), mul(c, 0.5))
    if (kind === 1) return mul(sin(add(a, c)), tanh(b))
    if (kind === 2) return sin(add(mul(a, b), mul(b, c)))
    return add(mul(a, b), c)
  }
}
