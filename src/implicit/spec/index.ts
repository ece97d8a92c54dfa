/** Solvers and adjoints as data: printable, comparable, stored in configurations, interpreted elsewhere. */
export { type Adjoint, reachesInit } from "./adjoint.js"
export { type AnyLinearSolver, type DefiniteSolver, iterationFault, type LinearSolver } from "./linear-solver.js"
export type { BroydenUpdate, Method, Safeguard } from "./method.js"
export { type Structure, transposedStructure } from "./operator-structure.js"
export { isBiased, type Policy, type Solver, type SolverOptions } from "./solver.js"
export type { Splitting } from "./splitting.js"
export { badCombination, budgetOf, defaultEvaluations, fixedCount, partsOf, rowsOf, showMethod, takesBest } from "./structure.js"
export type { Tolerances } from "./tolerances.js"
