/** Constructors of linear solvers. */
import { TraceError } from "../../core/index.js"
import { type DefiniteSolver, iterationFault, type LinearSolver, type Solver, type Tolerances } from "../spec/index.js"

/**
 * The cheapest way by a stated rule. One product where the operator is diagonal; n products and a substitution where it is triangular;
 * n products and LU up to 64 unknowns a row, where n products cost less than the steps of an iteration. Above: `cg` where the operator
 * is positive definite, else GMRES; where that fails, LU up to 512 unknowns. `chosenLinear` says what it is.
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
 * Conjugate gradients (Hestenes and Stiefel 1952), for symmetric positive definite operators only: one product a step and no memory.
 * A direction without positive curvature ends it as `Breakdown`.
 *
 * @example
 * linearSolve(positiveDefinite((x: Tensor<[3, 1]>) => matmul(m, x)), b, { solver: cg() })
 */
export const cg = (options: Tolerances = {}): DefiniteSolver => ({ _tag: "cg", ...options })
/**
 * BiCGSTAB (van der Vorst 1992): two products a step, whatever the number of steps no more memory than seven vectors. Where it divides
 * by nearly zero it begins anew once, then ends as `Breakdown`: it can't solve skew systems, GMRES can.
 *
 * @example
 * anderson({ adjoint: exact(bicgstab()) })
 */
export const bicgstab = (options: Tolerances = {}): LinearSolver => ({ _tag: "bicgstab", ...options })
/**
 * Conjugate gradients on M'M x = M'b. It squares the condition number, so it is for small ones, such as those of nearly orthogonal
 * operators. What it tests and tells is the residual of M x = b. A turn costs two products, one of them with the transpose.
 *
 * @example
 * linearSolve((x) => matmul(m, x), b, { solver: normalCg() })
 */
export const normalCg = (options: Tolerances = {}): LinearSolver => ({ _tag: "normalCg", ...options })
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
/**
 * The method of a solver on x = b + (x - M x), with its tolerances: the adjoint of a fixed point found as the fixed point was.
 *
 * @throws TraceError for methods that have no stopping test (`iterate`) or that need the whole Jacobian (`newton`: use `dense()`).
 *
 * @example
 * anderson({ adjoint: exact(iteration(anderson({ memory: 5 }))) })
 */
export const iteration = ({ method, atol, rtol, maxEvaluations }: Solver): LinearSolver => {
  const fault = iterationFault(method)
  if (fault !== null) throw new TraceError(`iteration: ${fault}`)
  return {
    _tag: "iteration",
    method,
    ...(atol === undefined ? {} : { atol }),
    ...(rtol === undefined ? {} : { rtol }),
    ...(maxEvaluations === undefined ? {} : { maxEvaluations }),
  }
}
