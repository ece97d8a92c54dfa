/** Constructors of linear solvers. */
import type { LinearSolver, Tolerances } from "../spec/index.js"

/**
 * Dense up to 64 unknowns a row, then GMRES.
 *
 * @example
 * picard({ adjoint: exact(auto({ rtol: 1e-10 })) })
 */
export const auto = (options: Tolerances = {}): LinearSolver => ({ _tag: "auto", ...options })
/**
 * GMRES (Saad and Schultz 1986) in the form of Walker and Zhou, restarted after `memory` products (default min(n, 30)).
 *
 * @example
 * anderson({ adjoint: exact(gmres({ memory: 20 })) })
 */
export const gmres = (options: Tolerances & { readonly memory?: number } = {}): LinearSolver => ({ _tag: "gmres", ...options })
/**
 * LU with partial pivoting on the matrix itself.
 *
 * @example
 * newton({ adjoint: exact(dense()) })
 */
export const dense = (): LinearSolver => ({ _tag: "dense" })
/**
 * The Neumann iteration run to convergence, as a linear solver.
 *
 * @example
 * picard({ adjoint: exact(neumannIteration()) })
 */
export const neumannIteration = (options: Tolerances = {}): LinearSolver => ({ _tag: "picard", ...options })
