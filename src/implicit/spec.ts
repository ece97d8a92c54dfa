/** Solvers and adjoints as data: printable, comparable, stored in configurations, interpreted elsewhere. */

/** What happens when a solve does not converge. */
export type Policy =
  /** The program that contains it ends as `Left(NotConverged)`. */
  | "reject"
  /** The iterate with the smallest residual is used, and the report says so. */
  | "useBest"
  /** The number of applications is the point, as in slot attention: only non-finite values are refused. */
  | "fixedBudget"

/** When a solve has converged, and how long it may try. */
export interface Tolerances {
  /** Absolute part of the stopping test |f(z) - z| <= atol + rtol |f(z)|. Default epsilon^(2/3) of the target: 3.7e-11 in float64, 2.4e-5 in float32. */
  readonly atol?: number
  /** Relative part; the same default. */
  readonly rtol?: number
  /** Most evaluations of f. Default 256. */
  readonly maxEvaluations?: number
}

/** How the linear systems of the adjoint (and of tangents) are solved. */
export type LinearSolver =
  /** Dense up to 64 unknowns a row, then GMRES. */
  | ({ readonly _tag: "auto" } & Tolerances)
  /** The Neumann iteration to convergence: converges when the forward Picard iteration does. */
  | ({ readonly _tag: "picard" } & Tolerances)
  /** GMRES with restarts after `memory` products. Default memory min(n, 30). */
  | ({ readonly _tag: "gmres"; readonly memory?: number } & Tolerances)
  /** The matrix is built and factorised by LU with partial pivoting. */
  | { readonly _tag: "dense" }

/** How derivatives pass a fixed point. Only `exact`, `unrolled` are unbiased; the others promise first order. */
export type Adjoint =
  /** The implicit function theorem. */
  | { readonly _tag: "exact"; readonly linear: LinearSolver }
  /** The first `terms + 1` terms of the Neumann series of the inverse. */
  | { readonly _tag: "neumann"; readonly terms: number }
  /** One application of f at the stopped solution: the one line of Chang, Griffiths and Levine (2022). */
  | { readonly _tag: "oneStep" }
  /** A loop of `steps` applications, differentiated as the program it is; gradients reach the initial state. */
  | { readonly _tag: "unrolled"; readonly steps: number }
  /** `steps` applications, of which the last `last` are differentiated. */
  | { readonly _tag: "truncated"; readonly steps: number; readonly last: number }

/** An algorithm for fixed points as plain data; the constructors (`anderson`, `newton`, ...) make a whole solver of one. */
export type Method =
  | { readonly _tag: "picard" }
  | { readonly _tag: "anderson"; readonly memory: number; readonly mixing: number }
  | { readonly _tag: "broyden"; readonly memory: number; readonly lineSearch: boolean }
  | { readonly _tag: "newton" }
  | { readonly _tag: "newtonKrylov"; readonly memory: number }
  /** Exactly `count` applications; no stopping test. */
  | { readonly _tag: "iterate"; readonly count: number }
  /** The method on (1 - tau) z + tau f(z); residuals stay those of f. */
  | { readonly _tag: "damped"; readonly tau: number; readonly of: Method }
  /** Every row of the first axis is a solve of its own, while f sees the whole batch. */
  | { readonly _tag: "perRow"; readonly of: Method }

/** Everything about a solve, in one value. */
export interface Solver extends Tolerances {
  readonly method: Method
  readonly adjoint: Adjoint
  readonly onFailure: Policy
  /** Names the solve in reports. */
  readonly name?: string
}

/** What every constructor of a solver takes: tolerances, how the gradient passes, what a failure means, and a name for reports. */
export interface SolverOptions extends Tolerances {
  /** Default `exact(auto())`. */
  readonly adjoint?: Adjoint
  /** Default "reject". */
  readonly onFailure?: Policy
  readonly name?: string
}

/**
 * Whether a solver's gradient is that of the solution, or of an approximation that is cheaper.
 *
 * @example
 * isBiased(picard({ adjoint: oneStep })) // true
 */
export const isBiased = ({ adjoint }: Solver): boolean => adjoint._tag !== "exact" && adjoint._tag !== "unrolled"
