/** Constructors of adjoints. */
import { TraceError } from "../../core/index.js"
import { type Adjoint, type AnyLinearSolver, type LinearSolver, reachesInit, type Structure } from "../spec/index.js"
import { portion, whole } from "./check.js"
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
 * The phantom gradient: `steps` differentiated steps z <- (1 - tau) z + tau f(z) from the stopped solution. With tau = 1 (the
 * default) `phantom(k + 1)` has the gradient of `neumann(k)` at the solution, and reverse mode keeps the steps; a smaller tau damps
 * the series where f hardly contracts. The value is that of the last step, of which status and residual are told, at the cost of one
 * more evaluation of f; steps that end in what is not finite are refused. First order only, biased.
 *
 * @example
 * anderson({ adjoint: phantom(5, 0.5) })
 */
export const phantom = (steps: number, tau = 1): Adjoint => ({
  _tag: "phantom",
  steps: whole("phantom", steps, 1),
  tau: portion("phantom: tau", tau),
})
/**
 * SHINE (Ramzi, Mannel, Bai, Starck, Ciuciu and Moreau 2022): the inverse Jacobian that the forward solve by `broyden` built stands
 * for the inverse of the backward system, so that a gradient costs no solve at all. How good it is depends on the directions that the
 * forward solve took; it is no exact gradient even for an affine f. First order only, biased.
 *
 * With a `guard`, the solution so found is tried first: where its residual |u - (I - A') lambda| is at most that share of |u| it is
 * taken, and where not, the system is solved, starting there. `guard: 0` is the exact adjoint, begun there.
 *
 * @example
 * broyden({ adjoint: shine({ guard: 0.1 }) })
 */
export const shine = ({ guard }: { readonly guard?: number } = {}): Adjoint => {
  if (guard === undefined) return { _tag: "shine" }
  if (!(guard >= 0 && guard < Number.POSITIVE_INFINITY)) throw new TraceError(`shine: guard must be a number of at least 0, found ${guard}`)
  return { _tag: "shine", guard }
}
/**
 * Backpropagation through `steps` applications from the initial state: the finite program, exact to every order.
 *
 * @example
 * picard({ adjoint: unrolled(20) })
 */
export const unrolled = (steps: number): Adjoint => ({ _tag: "unrolled", steps: whole("unrolled", steps, 0) })
/**
 * `unrolled(steps)` in little memory, with the same gradient bit for bit: at most `snapshots` states are kept, the others made again
 * by the schedule that repeats the fewest steps (binomial checkpointing, Griewank and Walther 2000). With s snapshots, C(s + r, s)
 * steps are reversed with none made more than r times again. The compiled program holds every step that it makes.
 *
 * @example
 * picard({ adjoint: checkpointed(20, 4) })
 */
export const checkpointed = (steps: number, snapshots: number): Adjoint => ({
  _tag: "checkpointed",
  steps: whole("checkpointed: steps", steps, 0),
  snapshots: whole("checkpointed: snapshots", snapshots, 1),
})
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
/**
 * Two levels at once: `of` (default `exact()`) for what f captures, and for the initial state the gradient of the solution as it is
 * (straight through), z + (init - stop(init)) with the value of z. Take it where the initial state is learnt, such as the slot queries
 * of BO-QSA (Jia, Liu and Huang 2023): the true gradient to it is zero, since the solution does not depend on where the search
 * began, so that it would never learn to begin near solutions. `bilevel(oneStep)` is that paper's. First order only, biased.
 *
 * @example
 * iterate(3, { adjoint: bilevel(oneStep) })
 */
export const bilevel = (of: Adjoint = exact()): Adjoint => {
  if (reachesInit(of)) throw new TraceError(`bilevel: gradients of ${of._tag} reach the initial state already`)
  return { _tag: "bilevel", of }
}
