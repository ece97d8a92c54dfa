/** Constructors of solvers, one a method. */
import type { Solver, SolverOptions } from "../spec/index.js"
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
 * Anderson acceleration, type II, QR form, window of `memory` differences (default 5) that grows from the start; differences
 * that add nothing are dropped. `mixing` is the beta of Walker and Ni (2011), default 1.
 *
 * @example
 * fixedPoint((z) => tanh(add(matmul(z, w), x)), zerosLike(x), anderson({ memory: 5 }))
 */
export const anderson = ({
  memory = 5,
  mixing = 1,
  ...options
}: SolverOptions & { readonly memory?: number; readonly mixing?: number } = {}): Solver =>
  solver({ _tag: "anderson", memory: whole("anderson: memory", memory, 1), mixing }, options)

/**
 * Broyden's good method with limited memory (default 20 pairs, the oldest dropped first) and a backtracking line search.
 *
 * @example
 * fixedPoint((z) => cos(z), tensor(1), broyden())
 */
export const broyden = ({
  memory = 20,
  lineSearch = true,
  ...options
}: SolverOptions & { readonly memory?: number; readonly lineSearch?: boolean } = {}): Solver =>
  solver({ _tag: "broyden", memory: whole("broyden: memory", memory, 1), lineSearch }, options)

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
