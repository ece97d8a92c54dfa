/** Implicit layers: the fixed point as a primitive, its solvers and adjoints as data. */
export { adjointCodec, decodeSolver, linearSolverCodec, methodCodec, solverCodec } from "./codec/index.js"
export {
  anderson,
  andThen,
  auto,
  bestSoFar,
  broyden,
  damped,
  dense,
  exact,
  gmres,
  iterate,
  neumann,
  neumannIteration,
  newton,
  newtonKrylov,
  oneStep,
  orElse,
  perRow,
  picard,
  polish,
  restarted,
  truncated,
  unrolled,
} from "./constructors/index.js"
export { defineSolver, type SolverDefinition } from "./define-solver.js"
export { explainSolve, type SolveExplanation, showExplanation } from "./explain-solve.js"
export { fixedPoint, type Solved, type SolvedFixedPoint, type SolveFixedPoint, type SolveOptions, solveFixedPoint } from "./fixed-point.js"
export { jacobianNorm } from "./jacobian-norm.js"
export { type LinearSolveOptions, linearSolve, root } from "./linear-solve.js"
export { type SolvedBody, solvedBody, worstStatus } from "./solved-body.js"
export type { Answer, Ask, Beginning, Memory, Need, Scalar as RowScalar, State, Turn, Vector as RowVector } from "./solvers/index.js"
export { type FoundSolve, type SolveChange, withSolves } from "./solves.js"
export {
  type Adjoint,
  fixedCount,
  isBiased,
  type LinearSolver,
  type Method,
  type Policy,
  partsOf,
  type Solver,
  type SolverOptions,
  showMethod,
  type Tolerances,
} from "./spec/index.js"
export { spectralRadius } from "./spectral-radius.js"
export type { Warm } from "./warm.js"
