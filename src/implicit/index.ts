/** Implicit layers: the fixed point as a primitive, its solvers and adjoints as data. */
export { adjointCodec, decodeSolver, linearSolverCodec, methodCodec, solverCodec, splittingCodec } from "./codec/index.js"
export {
  type AndersonOptions,
  anderson,
  auto,
  type Bracket,
  bisection,
  broyden,
  chebyshev,
  chord,
  damped,
  dense,
  dogleg,
  exact,
  forwardBackward,
  gmres,
  iterate,
  levenbergMarquardt,
  neumann,
  neumannIteration,
  newton,
  newtonKrylov,
  oneStep,
  peacemanRachford,
  perRow,
  picard,
  pseudoTransient,
  truncated,
  unrolled,
} from "./constructors/index.js"
export { fixedPoint, type SolvedFixedPoint, solveFixedPoint } from "./fixed-point.js"
export { type LinearSolveOptions, linearSolve, root } from "./linear-solve.js"
export { type MonotoneEquation, monotoneFixedPoint } from "./monotone.js"
export { type SolvedBody, solvedBody, worstStatus } from "./solved-body.js"
export { type FoundSolve, type SolveChange, withSolves } from "./solves.js"
export {
  type Adjoint,
  type BroydenUpdate,
  isBiased,
  type LinearSolver,
  type Method,
  type Policy,
  type Safeguard,
  type Solver,
  type SolverOptions,
  type Splitting,
  type Tolerances,
} from "./spec/index.js"
export { spectralRadius } from "./spectral-radius.js"
