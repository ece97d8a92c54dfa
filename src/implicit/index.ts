/** Implicit layers: the fixed point as a primitive, its solvers and adjoints as data. */
export { type AdjointDefinition, type AtSolution, defineAdjoint } from "./adjoints/index.js"
export { type Certificate, type CertificateOptions, certificate, type LipschitzBounds } from "./certificate.js"
export { adjointCodec, decodeSolver, linearSolverCodec, methodCodec, solverCodec, splittingCodec } from "./codec/index.js"
export {
  type AndersonOptions,
  anderson,
  andThen,
  auto,
  type Bracket,
  bestSoFar,
  bicgstab,
  bilevel,
  bisection,
  broyden,
  cg,
  chebyshev,
  checkpointed,
  chord,
  damped,
  dense,
  dogleg,
  exact,
  forwardBackward,
  gmres,
  iterate,
  iteration,
  levenbergMarquardt,
  neumann,
  neumannIteration,
  newton,
  newtonKrylov,
  normalCg,
  oneStep,
  orElse,
  peacemanRachford,
  perRow,
  phantom,
  picard,
  polish,
  pseudoTransient,
  restarted,
  shine,
  truncated,
  unrolled,
} from "./constructors/index.js"
export { correctedLoss } from "./corrected-loss.js"
export { defineSolver, type SolverDefinition } from "./define-solver.js"
export { explainSolve, type SolveExplanation, showExplanation } from "./explain-solve.js"
export { fixedPoint, type Solved, type SolvedFixedPoint, type SolveFixedPoint, type SolveOptions, solveFixedPoint } from "./fixed-point.js"
export { jacobianNorm } from "./jacobian-norm.js"
export { chosenLinear, type LinearAlgorithm } from "./linear-choice.js"
export { type LinearSolveOptions, linearSolve, root } from "./linear-solve.js"
export { type MonotoneEquation, monotoneFixedPoint } from "./monotone.js"
export { diagonalOperator, lowerTriangular, type Operator, positiveDefinite, symmetric, upperTriangular } from "./operators.js"
export {
  type ConstrainedProgram,
  type Eigenpair,
  eigenpair,
  type FlowOptions,
  implicitEulerStep,
  type KktPoint,
  kkt,
  lyapunov,
  minimizer,
  odeSteadyState,
  projectAffine,
  projectBox,
  projectedGradient,
  projectL1Ball,
  projectL2Ball,
  projectNonnegative,
  projectSimplex,
  proxElasticNet,
  proxGroupL2,
  proximalGradient,
  proxL1,
  proxNonnegative,
  proxSquaredL2,
  type QuadraticProgram,
  quadraticProgram,
  steadyState,
} from "./reductions/index.js"
export { fixedPointCorrection, jacobianPenalty, spectralNormalised } from "./regularisers/index.js"
export { type SolvedBody, solvedBody, worstStatus } from "./solved-body.js"
export type { Answer, Ask, Beginning, Memory, Need, Scalar as RowScalar, State, Turn, Vector as RowVector } from "./solvers/index.js"
export { type FoundSolve, type SolveChange, withSolves } from "./solves.js"
export {
  type Adjoint,
  type AnyLinearSolver,
  type BroydenUpdate,
  type DefiniteSolver,
  fixedCount,
  isBiased,
  type LinearSolver,
  type Method,
  type Policy,
  partsOf,
  rowsOf,
  type Safeguard,
  type Solver,
  type SolverOptions,
  type Splitting,
  type Structure,
  showMethod,
  type Tolerances,
} from "./spec/index.js"
export { spectralRadius } from "./spectral-radius.js"
export type { Warm } from "./warm.js"
