/** Minimisation of a smooth part plus a part with a known proximal map, as the fixed point of a proximal gradient step. */
import type { Tensor, TreeLike } from "../../core/index.js"
import { fixedPoint } from "../fixed-point.js"
import type { Solver } from "../spec/index.js"
import { gradientStep } from "./gradient-step.js"

/**
 * z = prox(z - eta grad phi(z), eta): the minimum of phi + psi, both convex, where `prox(v, eta)` is the z that minimises
 * eta psi(z) + |z - v|^2 / 2. Every eta > 0 has the same fixed point and the same derivative; for `picard` (then the method is ISTA,
 * Daubechies, Defrise and De Mol 2004) it has to be below 2 / L, L the largest curvature of phi.
 *
 * Newton's method on a map of several pieces can cycle between them; `picard` and `anderson` do not.
 *
 * @example
 * const [H, q] = [tensor([[2, 1], [1, 2]]), tensor([5, 2.2])]
 * const phi = (w) => sub(mul(dot(w, einsum("ij,j->i", H, w)), 0.5), dot(q, w))
 * proximalGradient(phi, (v, eta) => proxL1(v, eta), 0.25, tensor([0, 0]), picard()) // [2, 0]
 */
export const proximalGradient = <Z, E extends Tensor<[]> | number>(
  phi: (z: Z) => Tensor<[]>,
  prox: (v: Z, eta: E) => NoInfer<Z>,
  eta: E,
  init: Z & TreeLike<Z>,
  solver: Solver,
): Z => fixedPoint((z: Z) => prox(gradientStep(phi, z as Z & TreeLike<Z>, eta), eta), init, solver)
