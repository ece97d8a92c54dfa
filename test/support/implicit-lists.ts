/**
 * What there is to solve and to differentiate a fixed point with, as data: the one place where a new solver, linear solver or
 * adjoint is added to everything that is tried on all of them (issues, laws, hostile problems, the matrix of targets).
 */
import {
  type Adjoint,
  anderson,
  andThen,
  auto,
  bilevel,
  broyden,
  checkpointed,
  chord,
  damped,
  dense,
  dogleg,
  exact,
  gmres,
  type LinearSolver,
  levenbergMarquardt,
  type Method,
  neumann,
  neumannIteration,
  newton,
  newtonKrylov,
  oneStep,
  orElse,
  phantom,
  picard,
  pseudoTransient,
  restarted,
  type Solver,
  shine,
  truncated,
  unrolled,
} from "../../src/implicit/index.js"

export interface Named<T> {
  readonly name: string
  readonly value: T
}

const named = <T>(all: Readonly<Record<string, T>>): readonly Named<T>[] => Object.entries(all).map(([name, value]) => ({ name, value }))

/**
 * Solvers that look for a solution of any number of unknowns, ask for no symmetry, and stop where they find one. So `iterate` is not here,
 * nor `bestSoFar`, which is for it alone, `bisection`, `chebyshev` and `polish`; each has tests of its own.
 */
export const solverList: readonly Named<Solver>[] = named({
  picard: picard(),
  damped: damped(picard(), 0.5),
  anderson: anderson(),
  "anderson(2)": anderson({ memory: 2 }),
  "damped anderson": damped(anderson(), 0.7),
  "guarded anderson": anderson({ ridge: 1e-12, restart: 10, safeguard: {} }),
  "restarted anderson": restarted(anderson(), 12),
  broyden: broyden(),
  "damped broyden": damped(broyden(), 0.7),
  "broyden, full steps": broyden({ lineSearch: false }),
  "broyden, bad": broyden({ update: "bad" }),
  "broyden(2)": broyden({ memory: 2 }),
  newton: newton(),
  "newton, line search": newton({ lineSearch: true }),
  "newton-krylov": newtonKrylov(),
  chord: chord(),
  "pseudo-transient": pseudoTransient(),
  "levenberg-marquardt": levenbergMarquardt(),
  dogleg: dogleg(),
  "picard, else newton": orElse(picard({ maxEvaluations: 30 }), newton()),
  "picard, then anderson": andThen(picard(), 4, anderson()),
})

/** Those that need no contraction: any system with a unique solution. */
export const generalLinearSolvers: readonly Named<LinearSolver>[] = named({ auto: auto(), dense: dense(), gmres: gmres() })

export const linearSolverList: readonly Named<LinearSolver>[] = [
  ...generalLinearSolvers,
  ...named({ "gmres(2)": gmres({ memory: 2 }), "Neumann iteration": neumannIteration() }),
]

/** The implicit function theorem by each linear solver. */
export const exactAdjoints: readonly Named<Adjoint>[] = linearSolverList.map(({ name, value }) => ({
  name: `exact(${name})`,
  value: exact(value),
}))

/** How many steps the adjoints take that go through steps. */
export const STEPS = 12

/** Adjoints that follow the solution, with an error that is known. */
export const seriesAdjoints: readonly Named<Adjoint>[] = named({ oneStep, "neumann(3)": neumann(3), "phantom(3, 0.5)": phantom(3, 0.5) })
/** Adjoints of a program of a fixed number of steps. */
export const programAdjoints: readonly Named<Adjoint>[] = named({
  truncated: truncated(STEPS, 3),
  unrolled: unrolled(STEPS),
  checkpointed: checkpointed(STEPS, 3),
})
/** Adjoints by the pairs of a forward solve; with the guard, up to a residual that is known. */
export const secantAdjoints: readonly Named<Adjoint>[] = named({ shine: shine(), "shine(0.1)": shine({ guard: 0.1 }) })
/** Those whose gradient to the initial state is the cotangent of the solution, beside what they have for parameters. */
export const bilevelAdjoints: readonly Named<Adjoint>[] = named({ bilevel: bilevel(), "bilevel(oneStep)": bilevel(oneStep) })

export const adjointList: readonly Named<Adjoint>[] = [
  ...exactAdjoints,
  ...seriesAdjoints,
  ...programAdjoints,
  ...secantAdjoints,
  ...bilevelAdjoints,
]

const repeats = (method: Method): boolean => method._tag === "picard" || (method._tag === "damped" && repeats(method.of))
const hasPairs = (method: Method): boolean => method._tag === "broyden" || ("of" in method && hasPairs(method.of))

/** Whether a solver can be differentiated so: only repeated application has steps to unroll, only Broyden's methods have pairs. */
export const goesTogether = ({ method }: Solver, adjoint: Adjoint): boolean =>
  adjoint._tag === "unrolled" || adjoint._tag === "checkpointed" ? repeats(method) : adjoint._tag !== "shine" || hasPairs(method)

export interface Pair {
  readonly one: Named<Solver>
  readonly two: Named<Adjoint>
}

/**
 * Every solver with `each` of the adjoints that go with it: those that were taken least so far, of these the ones that go with the fewest
 * solvers. So each adjoint meets several solvers: what a test can afford where the whole table is an evidence script's.
 */
export const inTurns = (each: number, adjoints: readonly Named<Adjoint>[] = adjointList): readonly Pair[] => {
  const taken = new Map<string, number>()
  const goesWith = (a: Named<Adjoint>): number => solverList.filter((s) => goesTogether(s.value, a.value)).length
  const byRarity = [...adjoints].sort((a, b) => goesWith(a) - goesWith(b))
  return solverList.flatMap((one) => {
    const fitting = byRarity.filter((a) => goesTogether(one.value, a.value))
    const count = (a: Named<Adjoint>): number => taken.get(a.name) ?? 0
    const chosen = fitting.sort((a, b) => count(a) - count(b)).slice(0, each)
    for (const a of chosen) taken.set(a.name, count(a) + 1)
    return chosen.map((two) => ({ one, two }))
  })
}
