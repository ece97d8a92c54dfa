/** Solvers and adjoints as data: printable, comparable, stored in configurations, interpreted elsewhere. */
export type { Adjoint } from "./adjoint.js"
export { type AnyLinearSolver, type DefiniteSolver, iterationFault, type LinearSolver } from "./linear-solver.js"
export type { Method } from "./method.js"
export { isBiased, type Policy, type Solver, type SolverOptions } from "./solver.js"
export { type Structure, transposedStructure } from "./structure.js"
export type { Tolerances } from "./tolerances.js"
