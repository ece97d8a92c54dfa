/** A loss on the way to the solution, not at its end alone. */
import { type Tensor, TraceError } from "../../core/index.js"
import { add, mul } from "../../ops/index.js"

/**
 * The sum over k of gamma^(n - k - 1) loss(z_k) for n states on the way (default gamma 0.8), the last with weight 1: a loss that also
 * pulls intermediate iterates to the target, so that a layer learns to converge fast (Bai, Geng, Savani and Kolter 2022). The states
 * are solves of growing budgets, or the carries of a `scan`.
 *
 * @example
 * const states = [3, 6, 12].map((n) => fixedPoint(f, zerosLike(x), iterate(n, { adjoint: oneStep })))
 * const total = fixedPointCorrection(states, (z) => mean(square(sub(z, target))))
 */
export const fixedPointCorrection = <Z>(
  states: readonly Z[],
  loss: (z: Z) => Tensor<[]>,
  { gamma = 0.8 }: { readonly gamma?: number } = {},
): Tensor<[]> => {
  const [first, ...rest] = states.map(loss)
  if (first === undefined) throw new TraceError("fixedPointCorrection: there are no states")
  // Horner's rule: each state before costs one factor more
  return rest.reduce((total, next) => add(mul(total, gamma), next) as Tensor<[]>, first)
}
