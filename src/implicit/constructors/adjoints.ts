/** Constructors of adjoints. */
import { TraceError } from "../../core/index.js"
import type { Adjoint, AnyLinearSolver, LinearSolver, Structure } from "../spec/index.js"
import { whole } from "./check.js"
import { auto } from "./linear.js"

/** `exact` of any linear solver, or of one for positive definite systems where I - df/dz is said to be one. */
interface Exact {
  (linear?: LinearSolver, structure?: Structure): Adjoint
  (linear: AnyLinearSolver, structure: "positiveDefinite"): Adjoint
}
/**
 * The implicit function theorem, with the linear solver given. Exact to every order. `structure` is what is known of I - df/dz: that of
 * a gradient step on a convex function, z - grad(phi)(z), is positive definite.
 *
 * @example
 * anderson({ adjoint: exact(gmres()) }) // exact() is what every solver has by default
 * picard({ adjoint: exact(cg(), "positiveDefinite") })
 */
export const exact: Exact = (linear: AnyLinearSolver = auto(), structure?: Structure): Adjoint =>
  ({ _tag: "exact", linear, ...(structure === undefined ? {} : { structure }) }) as Adjoint
/**
 * sum over i <= terms of A^i: `neumann(0)` is `oneStep`. First order only, biased by at most |A|^(terms+1) / (1 - |A|).
 *
 * @example
 * picard({ adjoint: neumann(5) })
 */
export const neumann = (terms: number): Adjoint => ({ _tag: "neumann", terms: whole("neumann", terms, 0) })
/**
 * One differentiable application at the stopped solution (Jacobian-free backpropagation). First order only, biased.
 *
 * @example
 * picard({ adjoint: oneStep })
 */
export const oneStep: Adjoint = { _tag: "oneStep" }
/**
 * Backpropagation through `steps` applications from the initial state: the finite program, exact to every order.
 *
 * @example
 * picard({ adjoint: unrolled(20) })
 */
export const unrolled = (steps: number): Adjoint => ({ _tag: "unrolled", steps: whole("unrolled", steps, 0) })
/**
 * `steps` applications of which the last `last` are differentiated. First order only, biased.
 *
 * @example
 * picard({ adjoint: truncated(20, 3) })
 */
export const truncated = (steps: number, last: number): Adjoint => {
  if (last > steps) throw new TraceError(`truncated: can't differentiate the last ${last} of ${steps} steps`)
  return { _tag: "truncated", steps: whole("truncated", steps, 0), last: whole("truncated", last, 0) }
}
