/** Minimisation on a set, as the fixed point of a projected gradient step. */
import type { Tensor, TreeLike } from "../../core/index.js"
import { fixedPoint } from "../fixed-point.js"
import type { Solver } from "../spec/index.js"
import { gradientStep } from "./gradient-step.js"

/**
 * z = P(z - eta grad phi(z)): the minimum of a convex phi on the closed convex set onto which `project` projects. Every eta > 0 has the
 * same fixed point and the same derivative; it only has to be small enough for the solver (below 2 / L for `picard`, L the largest
 * curvature). The derivative is that of the active piece of the projection: exact where no bound is met with zero force.
 *
 * Newton's method on a map of several pieces can cycle between them; `picard` and `anderson` do not.
 *
 * @example
 * const c = tensor([0.6, 0.5, -0.4])
 * projectedGradient((z) => mul(sum(square(sub(z, c))), 0.5), projectSimplex, 0.5, tensor([1, 0, 0]), picard()) // [0.55, 0.45, 0]
 */
export const projectedGradient = <Z>(
  phi: (z: Z) => Tensor<[]>,
  project: (z: Z) => NoInfer<Z>,
  eta: Tensor<[]> | number,
  init: Z & TreeLike<Z>,
  solver: Solver,
): Z => fixedPoint((z: Z) => project(gradientStep(phi, z as Z & TreeLike<Z>, eta)), init, solver)
