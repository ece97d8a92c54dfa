/**
 * Norm of df/dz at a state, its largest singular value, by powers of A'A from a fixed start: v <- A'A v / |A'A v|, and |A v| at the end.
 * Beside the spectral radius it tells how far residuals may grow before they fall: the two agree for symmetric A only.
 */
import { flatten, jvp, type Tensor, type TreeLike, unflatten, vjp } from "../core/index.js"
import { norm, stopGradient } from "../ops/index.js"
import { pack, unpack } from "./pack.js"
import { leadingDirection } from "./power.js"

/**
 * The estimate, from below, as a scalar of the program, constant to every transform. Default 64 steps.
 *
 * @example
 * jacobianNorm((z) => tanh(add(matmul(z, w), x)), solution) // below 1 where f contracts from the first step on
 */
export const jacobianNorm = <Z>(
  f: (z: Z) => NoInfer<Z>,
  z: Z & TreeLike<Z>,
  { steps = 64 }: { readonly steps?: number } = {},
): Tensor<[]> => {
  const state = flatten("jacobianNorm", z)
  const types = state.leaves.map((t) => t.type)
  const at = stopGradient(pack(state.leaves, 0))
  const map = (v: Tensor): Tensor =>
    pack(flatten("jacobianNorm: the state that f returns", f(unflatten(state.structure, unpack(v, types, 0)) as Z)).leaves, 0)
  const product = (v: Tensor): Tensor => jvp(map, [at], [v])[1]
  const [, transposed] = vjp(map, at)
  const leading = leadingDirection((v) => transposed(product(v))[0] as Tensor, at.shape[0] as number, steps)
  return stopGradient(norm(product(leading))) as Tensor<[]>
}
