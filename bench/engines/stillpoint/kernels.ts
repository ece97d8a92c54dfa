/** The kernels as a user of Stillpoint writes them. */
import {
  add,
  conv,
  div,
  einsum,
  exp,
  layerNorm,
  matmul,
  mul,
  neg,
  restoreAxes,
  sigmoid,
  softmax,
  sum,
  type Tensor,
  vjp,
  zeros,
} from "../../../src/index.js"
import type { Kernel } from "../../workloads/index.js"
import { at, type Named } from "./names.js"

const attention = (scores: Tensor, values: Tensor): Tensor => {
  const weights = add(softmax(scores), 1e-8) as Tensor
  const shares = div(weights, restoreAxes(sum(weights, [1]) as Tensor, weights.shape, [1])) as Tensor
  return einsum("bnk,bnd->bkd", shares, values)
}

/** The function that a kernel is. Gradients of the convolution are those of `vjp`; the operand that they don't depend on is zero. */
export const kernelFunction = ({ function: f, output }: Kernel): ((inputs: Named) => Tensor) => {
  switch (f.t) {
    case "matmul":
      return (t) => matmul(at(t, "a"), at(t, "b")) as Tensor
    case "conv":
      switch (f.pass) {
        case "forward":
          return (t) => conv(at(t, "x"), at(t, "w"))
        case "dx":
          return (t) => vjp((x: Tensor) => conv(x, at(t, "w")), zeros(output) as Tensor)[1](at(t, "g"))[0] as Tensor
        case "dw":
          return (t) => vjp((w: Tensor) => conv(at(t, "x"), w), zeros(output) as Tensor)[1](at(t, "g"))[0] as Tensor
      }
      break
    case "chain":
      return (t) => {
        const [a, w, b] = [at(t, "a"), at(t, "w"), at(t, "b")]
        return add(mul(sigmoid(add(mul(a, w), b) as Tensor), a), mul(exp(neg(mul(a, a) as Tensor)), 0.5)) as Tensor
      }
    case "softmax":
      return (t) => softmax(at(t, "x"))
    case "layerNorm":
      return (t) => layerNorm(at(t, "x"), { scale: at(t, "scale"), shift: at(t, "shift") })
    case "attention":
      return (t) => attention(at(t, "scores"), at(t, "values"))
  }
}
