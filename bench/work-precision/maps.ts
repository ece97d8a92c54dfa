/** The formulas of the problems, in Stillpoint. */
import { add, cos, einsum, exp, logsumexp, max, mean, mul, restoreAxes, sin, sub, type Tensor, tanh, tensor } from "../../src/index.js"
import type { Problem } from "./problems.js"

const nested = (shape: readonly number[], data: readonly number[]): Tensor => tensor(data as number[], shape as number[]) as Tensor

/** f of a problem. */
export const mapOf = ({ kind, tensors }: Problem): ((z: Tensor) => Tensor) => {
  const at = (name: string): Tensor => {
    const { shape, data } = tensors[name] as Problem["tensors"][string]
    return nested(shape, data)
  }
  const times = (m: Tensor, z: Tensor): Tensor => einsum("ij,j->i", m, z)
  switch (kind) {
    case "cosine":
      return (z) => add(cos(z), at("b")) as Tensor
    case "affine":
      return (z) => add(times(at("m"), z), at("b")) as Tensor
    case "tanh":
      return (z) => tanh(add(times(at("m"), z), at("b")) as Tensor)
    case "kepler":
      return (z) => add(at("b"), mul(at("e"), sin(z))) as Tensor
    case "bratu":
      return (z) => add(times(at("m"), z), mul(exp(z), at("c"))) as Tensor
    case "bellman":
      return (z) => max(add(einsum("aij,j->ai", at("m"), z), at("b")) as Tensor, [0]) as Tensor
    case "sinkhorn": {
      // softmin over one side gives the potential of the other; a constant added to all potentials changes nothing
      const n = tensors.m?.shape[0] as number
      const spread = (x: Tensor, axis: number): Tensor => restoreAxes(x, [n, n], [axis]) as Tensor
      return (z) => {
        const [cost, eps] = [at("m"), at("c")]
        const scaled = (x: Tensor): Tensor => mul(x, 1 / (tensors.c?.data[0] as number)) as Tensor
        const g = mul(logsumexp(scaled(sub(spread(z, 1), cost) as Tensor), 0) as Tensor, mul(eps, -1)) as Tensor
        const f = mul(logsumexp(scaled(sub(spread(g, 0), cost) as Tensor), 1) as Tensor, mul(eps, -1)) as Tensor
        return sub(f, mean(f)) as Tensor
      }
    }
  }
}
