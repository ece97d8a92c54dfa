/** The loss of a rough solution, corrected by the adjoint. */
import { flatten, type Tensor, type TreeLike, unflatten, vjp } from "../core/index.js"
import { add, dot, full, stopGradient, sub } from "../ops/index.js"
import { adjointState, type Leaves } from "./adjoint-state.js"
import { exact } from "./constructors/index.js"
import { pack } from "./pack.js"
import type { Adjoint } from "./spec/index.js"

/**
 * loss(z) + <lambda, f(z) - z> at a z that solves z = f(z) roughly, lambda the adjoint state of the loss there (the dual-weighted
 * residual of Becker and Rannacher 2001). Its error is of the order of the residual squared, where that of loss(z) is of the order of
 * the residual; for an affine f and a linear loss it is the loss of the solution. What it adds to loss(z) estimates the error of that.
 *
 * z and lambda are constants to gradients, so that the gradient to what f captures is the one that the adjoint gives.
 *
 * @example
 * // z <- z / 2 + 1 at 0, the loss z itself: that of the solution 2
 * evaluate(correctedLoss((z) => add(mul(z, 0.5), 1), tensor(0), (z) => z)) // right(2)
 */
export const correctedLoss = <Z>(
  f: (z: Z) => NoInfer<Z>,
  z: Z & TreeLike<Z>,
  loss: (z: Z) => Tensor<[]>,
  { adjoint = exact() }: { readonly adjoint?: Adjoint } = {},
): Tensor<[]> => {
  const state = flatten("correctedLoss: the state", z)
  const at = state.leaves.map((t) => stopGradient(t as Tensor))
  const step = (v: Leaves): Leaves =>
    flatten("correctedLoss: the state that f returns", f(unflatten(state.structure, v) as Z)).leaves as Leaves
  const [value, pull] = vjp((v: Leaves) => loss(unflatten(state.structure, v) as Z), at)
  const u = pull(full([], 1) as Tensor<[]>)[0] as Leaves
  const lambda = adjointState(step, at, u, adjoint).map((t) => stopGradient(t))
  const g = step(at).map((t, i) => sub(t, at[i] as Tensor) as Tensor)
  return add(value, dot(pack(lambda, 0), pack(g, 0))) as Tensor<[]>
}
