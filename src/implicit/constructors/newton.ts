/** Constructors of solvers that use the dense Jacobian of each row, for small states. */
import { TraceError } from "../../core/index.js"
import type { Solver, SolverOptions } from "../spec/index.js"
import { positive } from "./check.js"
import { solver } from "./solver.js"

/**
 * Newton's method with the dense Jacobian of each row. Quadratic near a solution. With `lineSearch` (default false) a step that does not
 * lower |f(z) - z| enough is shortened, and steps to where f is not finite are taken back: from far away, where full steps overshoot.
 *
 * A turn, each trial of a search included, costs f, its Jacobian (n products) and one dense solve.
 *
 * @example
 * fixedPoint((z) => cos(z), tensor(1), newton({ lineSearch: true }))
 */
export const newton = ({ lineSearch = false, ...options }: SolverOptions & { readonly lineSearch?: boolean } = {}): Solver =>
  solver(lineSearch ? { _tag: "newton", lineSearch } : { _tag: "newton" }, options)

/**
 * The chord method: Newton's with the Jacobian of the start, kept as an inverse matrix and made anew only where a step does not multiply
 * the residual by at most `rate` (default 0.5). Linear, at a cost of f and n^2 operations a turn; a turn that makes the Jacobian costs f
 * twice, n products and 2 n^3 operations. For a Jacobian that is dear beside f.
 *
 * @example
 * fixedPoint((z) => cos(z), tensor(1), chord())
 */
export const chord = ({ rate = 0.5, ...options }: SolverOptions & { readonly rate?: number } = {}): Solver => {
  if (!(rate > 0 && rate <= 1)) throw new TraceError(`chord: rate must lie in (0, 1], found ${rate}`)
  return solver({ _tag: "chord", rate }, options)
}

/**
 * Pseudo-transient continuation: implicit Euler steps of z' = f(z) - z whose length starts at `delta` (default 1) and grows as the
 * residual falls, to Newton's steps at the end. From far away, where Newton runs off, it follows the flow; it finds states that the
 * flow comes to rest at, and a root of F where z' = F(z) does.
 *
 * A turn costs f, its Jacobian and one dense solve.
 *
 * @example
 * fixedPoint((z) => cos(z), tensor(1), pseudoTransient({ delta: 0.1 }))
 */
export const pseudoTransient = ({ delta = 1, ...options }: SolverOptions & { readonly delta?: number } = {}): Solver =>
  solver({ _tag: "pseudoTransient", delta: positive("pseudoTransient: delta", delta) }, options)

/**
 * Levenberg-Marquardt on |f(z) - z|^2 / 2, by QR factors. The residual never rises; a Jacobian that is singular on the way does no harm.
 * `damping` (default 1) is the first one; it falls as the steps prove right, to Newton's at the end.
 *
 * A turn, refused trials included, costs f, its Jacobian and the QR factors of a 2n by n matrix.
 *
 * @example
 * fixedPoint((z) => cos(z), tensor(1), levenbergMarquardt())
 */
export const levenbergMarquardt = ({ damping = 1, ...options }: SolverOptions & { readonly damping?: number } = {}): Solver =>
  solver({ _tag: "levenbergMarquardt", damping: positive("levenbergMarquardt: damping", damping) }, options)

/**
 * Powell's dogleg within a trust region on |f(z) - z|^2 / 2. The residual never rises; Newton's steps within the radius, which starts at
 * `radius` (default 1) and follows how well the steps prove right.
 *
 * A turn, refused trials included, costs f, its Jacobian and one dense solve.
 *
 * @example
 * fixedPoint((z) => cos(z), tensor(1), dogleg({ radius: 0.5 }))
 */
export const dogleg = ({ radius = 1, ...options }: SolverOptions & { readonly radius?: number } = {}): Solver =>
  solver({ _tag: "dogleg", radius: positive("dogleg: radius", radius) }, options)
