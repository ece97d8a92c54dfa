/** Implicit layers: the fixed point as a primitive, its solvers and adjoints as data. */
export { adjointCodec, decodeSolver, linearSolverCodec, methodCodec, solverCodec } from "./codec/index.js"
export {
  anderson,
  auto,
  type Bracket,
  bisection,
  broyden,
  chord,
  damped,
  dense,
  dogleg,
  exact,
  gmres,
  iterate,
  levenbergMarquardt,
  neumann,
  neumannIteration,
  newton,
  newtonKrylov,
  oneStep,
  perRow,
  picard,
  pseudoTransient,
  truncated,
  unrolled,
} from "./constructors/index.js"
export { fixedPoint, type SolvedFixedPoint, solveFixedPoint } from "./fixed-point.js"
export { type LinearSolveOptions, linearSolve, root } from "./linear-solve.js"
export { type SolvedBody, solvedBody, worstStatus } from "./solved-body.js"
export { type FoundSolve, type SolveChange, withSolves } from "./solves.js"
export {
  type Adjoint,
  isBiased,
  type LinearSolver,
  type Method,
  type Policy,
  type Solver,
  type SolverOptions,
  type Tolerances,
} from "./spec/index.js"
export { spectralRadius } from "./spectral-radius.js"
