/** Weights held to a bound on their largest singular value. */
import type { Dim, Tensor } from "../../core/index.js"
import { div, einsum, full, less, mul, norm, stopGradient, where } from "../../ops/index.js"
import { leadingDirection } from "../power.js"

/**
 * `w` scaled down to the largest singular value `bound` where that is above it, and as it is where not (Miyato, Kataoka, Koyama and
 * Yoshida 2018): with a bound below 1, z <- tanh(z w + x) contracts. The singular value is |w v| for the direction v that the power
 * method finds in `steps` steps (default 32), which is a constant to gradients, as it may be: the derivative of the largest singular
 * value is that of |w v| at the exact v. The power method errs from below, so leave the bound a margin.
 *
 * @example
 * evaluate(spectralNormalised(tensor([[3, 0], [0, 1]]), 1.5)) // right([[1.5, 0], [0, 0.5]])
 */
export const spectralNormalised = <M extends Dim, N extends Dim>(
  w: Tensor<[M, N]>,
  bound: number,
  { steps = 32 }: { readonly steps?: number } = {},
): Tensor<[M, N]> => {
  const still = stopGradient(w) as Tensor
  const v = leadingDirection((x) => einsum("mn,m->n", still, einsum("mn,n->m", still, x)), w.shape[1] as number, steps)
  const sigma = norm(einsum("mn,n->m", w as Tensor, v))
  const above = less(bound, sigma)
  const factor = where(above, div(bound, where(above, sigma, full([], 1) as Tensor<[]>)), full([], 1) as Tensor<[]>)
  return mul(w as Tensor, factor) as Tensor<[M, N]>
}
