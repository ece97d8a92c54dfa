/** The public constructors of solvers, linear solvers and adjoints. */
import { TraceError } from "../core/index.js"
import type { Adjoint, LinearSolver, Method, Solver, SolverOptions, Tolerances } from "./spec.js"

const whole = (what: string, n: number, least: number): number => {
  if (!Number.isInteger(n) || n < least) throw new TraceError(`${what}: expected a whole number of at least ${least}, found ${n}`)
  return n
}

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

/**
 * The implicit function theorem, with the linear solver given. Exact to every order.
 *
 * @example
 * anderson({ adjoint: exact(gmres()) }) // exact() is what every solver has by default
 */
export const exact = (linear: LinearSolver = auto()): Adjoint => ({ _tag: "exact", linear })
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

const solver = (method: Method, { adjoint = exact(), onFailure = "reject", ...rest }: SolverOptions): Solver => ({
  method,
  adjoint,
  onFailure,
  ...rest,
})

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
 * Newton's method with the dense Jacobian of each row. Quadratic near a solution; for small states.
 *
 * @example
 * fixedPoint((z) => cos(z), tensor(1), newton())
 */
export const newton = (options: SolverOptions = {}): Solver => solver({ _tag: "newton" }, options)

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

/**
 * A solver on (1 - tau) z + tau f(z), 0 < tau <= 1. The fixed points and the gradients are the same; residuals stay those of f.
 *
 * @example
 * damped(picard(), 0.5)
 */
export const damped = (of: Solver, tau: number): Solver => {
  if (!(tau > 0 && tau <= 1)) throw new TraceError(`damped: tau must lie in (0, 1], found ${tau}`)
  return { ...of, method: { _tag: "damped", tau, of: of.method } }
}

/**
 * Each row of the first axis converges on its own and is then frozen; f still sees the whole batch.
 *
 * @example
 * perRow(anderson({ memory: 5 }))
 */
export const perRow = (of: Solver): Solver => ({ ...of, method: { _tag: "perRow", of: of.method } })
