/** Implicit layers: the fixed point as a primitive, its solvers and adjoints as data. */
export { adjointCodec, decodeSolver, linearSolverCodec, methodCodec, solverCodec } from "./codec/index.js"
export {
  anderson,
  auto,
  bicgstab,
  broyden,
  cg,
  damped,
  dense,
  exact,
  gmres,
  iterate,
  iteration,
  neumann,
  neumannIteration,
  newton,
  newtonKrylov,
  normalCg,
  oneStep,
  perRow,
  picard,
  truncated,
  unrolled,
} from "./constructors/index.js"
export { fixedPoint, type SolvedFixedPoint, solveFixedPoint } from "./fixed-point.js"
export { chosenLinear, type LinearAlgorithm } from "./linear-choice.js"
export { type LinearSolveOptions, linearSolve, root } from "./linear-solve.js"
export { diagonalOperator, lowerTriangular, type Operator, positiveDefinite, symmetric, upperTriangular } from "./operators.js"
export { type SolvedBody, solvedBody, worstStatus } from "./solved-body.js"
export { type FoundSolve, type SolveChange, withSolves } from "./solves.js"
export {
  type Adjoint,
  type AnyLinearSolver,
  type DefiniteSolver,
  isBiased,
  type LinearSolver,
  type Method,
  type Policy,
  type Solver,
  type SolverOptions,
  type Structure,
  type Tolerances,
} from "./spec/index.js"
export { spectralRadius } from "./spectral-radius.js"
