/**
 * Spectral radius of df/dz at a state, by powers: v <- A v / |A v| from a fixed start, and the geometric mean of |A v| over the
 * last half of the steps. Right for complex pairs and for pairs of opposite sign, where the Rayleigh quotient fails; 0 for A = 0.
 */
import { type AnyTensor, closeBody, flatten, jvpGraph, type Tensor, type TreeLike, unflatten, zerosOf } from "../core/index.js"
import { any, div, equal, exp, full, key, log, mean, norm, normal, scan, slice, stopGradient, where } from "../ops/index.js"
import { pack, unpack } from "./pack.js"

/**
 * The estimate as a scalar of the program, constant to every transform. Default 64 steps.
 *
 * @example
 * spectralRadius((z) => tanh(add(matmul(z, w), x)), solution, key(0)) // below 1 where repeated application converges
 */
export const spectralRadius = <Z>(
  f: (z: Z) => NoInfer<Z>,
  z: Z & TreeLike<Z>,
  { steps = 64 }: { readonly steps?: number } = {},
): Tensor<[]> => {
  const state = flatten("spectralRadius", z)
  const stopped = state.leaves.map((t) => stopGradient(t as Tensor) as AnyTensor)
  const types = stopped.map((t) => t.type)
  const { graph, captured } = closeBody(
    "spectralRadius",
    types,
    (leaves) => flatten("spectralRadius: the state that f returns", f(unflatten(state.structure, leaves) as Z)).leaves,
  )
  const product = (v: Tensor): Tensor => {
    const tangents = unpack(v, types, 0)
    const duals = jvpGraph(
      graph,
      [
        ...captured.map((primal) => ({ primal, tangent: null })),
        ...stopped.map((primal, i) => ({ primal, tangent: tangents[i] as AnyTensor })),
      ],
      "jvp",
    )
    return pack(
      duals.map((d) => d.tangent ?? zerosOf(d.primal.type)),
      0,
    )
  }
  const start = normal(key(0), [pack(stopped, 0).shape[0] as number]) as Tensor
  const unit = (v: Tensor) => {
    const size = norm(v)
    return { size, v: div(v, where(equal(size, 0), full([], 1) as Tensor<[]>, size)) as Tensor }
  }
  const [, sizes] = scan(
    (v: Tensor, _row: null) => {
      const next = unit(product(v))
      return [next.v, next.size] as const
    },
    unit(start).v,
    null,
    { length: steps },
  ) as readonly [Tensor, Tensor]
  const last = slice(sizes, { start: [Math.floor(steps / 2)] }) as Tensor
  const vanished = any(equal(last, 0)) as Tensor<[], "bool">
  const safe = where(equal(last, 0), full(last.shape, 1) as Tensor, last)
  return stopGradient(where(vanished, full([], 0) as Tensor<[]>, exp(mean(log(safe))))) as Tensor<[]>
}
