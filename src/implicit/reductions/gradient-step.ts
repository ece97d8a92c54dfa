/** A step along the negative gradient, on trees: what all reductions of a minimisation are made of. */
import { flatten, grad, type Tensor, type TreeLike, unflatten } from "../../core/index.js"
import { mul, sub } from "../../ops/index.js"

/** z - eta grad phi(z), leaf by leaf. */
export const gradientStep = <Z>(phi: (z: Z) => Tensor<[]>, z: Z & TreeLike<Z>, eta: Tensor<[]> | number): Z => {
  const at = flatten("the state", z)
  const slope = flatten("the gradient", grad(phi)(z)).leaves
  return unflatten(
    at.structure,
    at.leaves.map((t, i) => sub(t as Tensor, mul(slope[i] as Tensor, eta) as Tensor)),
  ) as Z
}
