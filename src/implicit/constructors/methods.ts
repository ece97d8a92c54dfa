/** Constructors of solvers, one a method. */
import { TraceError } from "../../core/index.js"
import type { BroydenUpdate, Solver, SolverOptions } from "../spec/index.js"
import { whole } from "./check.js"
import { solver } from "./solver.js"

/**
 * Repeated application, z <- f(z). Converges at the rate of the spectral radius of df/dz where that is below 1.
 *
 * @example
 * fixedPoint((z) => cos(z), tensor(1), picard({ rtol: 1e-10 }))
 */
export const picard = (options: SolverOptions = {}): Solver => solver({ _tag: "picard" }, options)

/**
 * Broyden's method with limited memory (default 20 pairs, the oldest dropped first) and a backtracking line search. `update` is the
 * "good" one, which changes the Jacobian least (default), or the "bad" one, which changes its inverse least and needs no product with
 * the transpose: the better of the two where residuals are small along directions in which f hardly moves.
 *
 * The line search refuses steps after which the residual is larger. Where the way to the solution leads through larger residuals, as on
 * maps far from normal, it ends as `Stalled`; the bad update with `lineSearch: false` goes that way, in at most 2 n steps on a linear system of
 * n unknowns if the memory has room for them (Gay 1979), in more with less room.
 *
 * @example
 * fixedPoint((z) => cos(z), tensor(1), broyden({ update: "bad" }))
 */
export const broyden = ({
  memory = 20,
  lineSearch = true,
  update = "good",
  ...options
}: SolverOptions & { readonly memory?: number; readonly lineSearch?: boolean; readonly update?: BroydenUpdate } = {}): Solver => {
  const kind = update === "good" ? {} : { update } // what is left out is read as it always was
  return solver({ _tag: "broyden", memory: whole("broyden: memory", memory, 1), lineSearch, ...kind }, options)
}

/**
 * Chebyshev's semi-iteration (Golub and Varga 1961) for f with a symmetric Jacobian whose eigenvalues lie in [low, high], high below
 * 1; low may be anything below, so f need not contract. No inner products: it treats unknowns, and rows, alike. With bounds that are too
 * narrow it may diverge, and says so. In `damped`, the bounds are those of the damped map.
 *
 * @example
 * fixedPoint((z) => add(matmul(z, symmetric), x), zerosLike(x), chebyshev({ low: -0.9, high: 0.9 }))
 */
export const chebyshev = ({ low, high, ...options }: SolverOptions & { readonly low: number; readonly high: number }): Solver => {
  if (!(Number.isFinite(low) && low <= high && high < 1))
    throw new TraceError(`chebyshev: the spectrum must lie in [low, high] with low <= high < 1, found [${low}, ${high}]`)
  return solver({ _tag: "chebyshev", low: low + 0, high: high + 0 }, options)
}

/**
 * Newton's method whose steps are solved by GMRES on products with the Jacobian, as exactly as Eisenstat and Walker (1996) ask.
 *
 * @example
 * fixedPoint((z) => tanh(add(matmul(z, w), x)), zerosLike(x), newtonKrylov())
 */
export const newtonKrylov = ({ memory = 30, ...options }: SolverOptions & { readonly memory?: number } = {}): Solver =>
  solver({ _tag: "newtonKrylov", memory: whole("newtonKrylov: memory", memory, 1) }, options)

/**
 * Exactly `count` applications, no stopping test: slot attention's fixed iterations. Policy "fixedBudget".
 *
 * @example
 * fixedPoint(refine, slots, iterate(3, { adjoint: oneStep }))
 */
export const iterate = (count: number, options: SolverOptions = {}): Solver =>
  solver({ _tag: "iterate", count: whole("iterate", count, 0) }, { onFailure: "fixedBudget", ...options })
