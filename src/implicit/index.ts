/** Implicit layers: the fixed point as a primitive, its solvers and adjoints as data. */
export { type AdjointDefinition, type AtSolution, defineAdjoint } from "./adjoints/index.js"
export { type Certificate, type CertificateOptions, certificate, type LipschitzBounds } from "./certificate.js"
export { adjointCodec, decodeSolver, linearSolverCodec, methodCodec, solverCodec } from "./codec/index.js"
export {
  anderson,
  auto,
  bilevel,
  broyden,
  checkpointed,
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
  perRow,
  phantom,
  picard,
  shine,
  truncated,
  unrolled,
} from "./constructors/index.js"
export { correctedLoss } from "./corrected-loss.js"
export { fixedPoint, type SolvedFixedPoint, solveFixedPoint } from "./fixed-point.js"
export { type LinearSolveOptions, linearSolve, root } from "./linear-solve.js"
export { fixedPointCorrection, jacobianPenalty, spectralNormalised } from "./regularisers/index.js"
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
