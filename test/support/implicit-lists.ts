/**
 * What there is to solve and to differentiate a fixed point with, as data: the one place where a new solver, linear solver or
 * adjoint is added to everything that is tried on all of them (issues, laws, hostile problems, the matrix of targets).
 */
import {
  type Adjoint,
  anderson,
  auto,
  broyden,
  damped,
  dense,
  exact,
  gmres,
  type LinearSolver,
  neumann,
  neumannIteration,
  newton,
  newtonKrylov,
  oneStep,
  picard,
  type Solver,
  truncated,
  unrolled,
} from "../../src/implicit/index.js"

export interface Named<T> {
  readonly name: string
  readonly value: T
}

const named = <T>(all: Readonly<Record<string, T>>): readonly Named<T>[] => Object.entries(all).map(([name, value]) => ({ name, value }))

export const solverList: readonly Named<Solver>[] = named({
  picard: picard(),
  damped: damped(picard(), 0.5),
  anderson: anderson(),
  "anderson(2)": anderson({ memory: 2 }),
  "damped anderson": damped(anderson(), 0.7),
  broyden: broyden(),
  "broyden, full steps": broyden({ lineSearch: false }),
  newton: newton(),
  "newton-krylov": newtonKrylov(),
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
export const seriesAdjoints: readonly Named<Adjoint>[] = named({ oneStep, "neumann(3)": neumann(3) })
/** Adjoints of a program of a fixed number of steps. */
export const programAdjoints: readonly Named<Adjoint>[] = named({ truncated: truncated(STEPS, 3), unrolled: unrolled(STEPS) })

export const adjointList: readonly Named<Adjoint>[] = [...exactAdjoints, ...seriesAdjoints, ...programAdjoints]

/** Whether a solver can be differentiated so: only repeated application has steps to unroll. */
export const goesTogether = ({ method }: Solver, adjoint: Adjoint): boolean => {
  const repeats = method._tag === "picard" || (method._tag === "damped" && method.of._tag === "picard")
  return adjoint._tag !== "unrolled" || repeats
}
