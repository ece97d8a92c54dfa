/** The size of a layer's Jacobian as a term of the loss. */
import { type AnyTensor, flatten, type Tensor, type TreeLike, unflatten, vjp } from "../../core/index.js"
import { add, foldIn, full, type Key, less, mul, square, sum, uniform, where } from "../../ops/index.js"
import { pack, unpack } from "../pack.js"

/**
 * |A|_F^2 / n in expectation, for A = df/dz at z and n the numbers in the state: the mean of |A' v|^2 / n over `probes` (default 1)
 * vectors v of random signs (Hutchinson 1990; Bai, Koltun and Kolter 2021). Added to a loss it keeps a layer contracting. It is
 * differentiable in what f captures, and in z: with z from `fixedPoint` the gradient is the whole one, with z stopped it holds the
 * solution still.
 *
 * @example
 * const f = (z: Tensor) => tanh(add(matmul(z, w), x))
 * const z = fixedPoint(f, zerosLike(x), anderson())
 * const loss = add(mean(square(z)), mul(jacobianPenalty(f, z, key(7)), 0.5))
 */
export const jacobianPenalty = <Z>(
  f: (z: Z) => NoInfer<Z>,
  z: Z & TreeLike<Z>,
  key: Key,
  { probes = 1 }: { readonly probes?: number } = {},
): Tensor<[]> => {
  const state = flatten("jacobianPenalty: the state", z)
  const types = state.leaves.map((t) => t.type)
  const size = pack(state.leaves, 0).shape[0] as number
  const leaves = (at: readonly AnyTensor[]): readonly AnyTensor[] =>
    flatten("jacobianPenalty: the state that f returns", f(unflatten(state.structure, at) as Z)).leaves
  const [, pull] = vjp((at: readonly Tensor[]) => leaves(at) as readonly Tensor[], state.leaves as readonly Tensor[])
  const once = (i: number): Tensor<[]> => {
    const signs = where(less(uniform(foldIn(key, i), [size]), 0.5), full([size], -1) as Tensor, full([size], 1) as Tensor) as Tensor
    return sum(square(pack(pull(unpack(signs, types, 0))[0] as readonly Tensor[], 0))) as Tensor<[]>
  }
  let total = once(0)
  for (let i = 1; i < probes; i++) total = add(total, once(i)) as Tensor<[]>
  return mul(total, 1 / (probes * size)) as Tensor<[]>
}
