/** Implicit layers: the fixed point as a primitive, its solvers and adjoints as data. */
export { adjointCodec, decodeSolver, linearSolverCodec, methodCodec, solverCodec } from "./codec/index.js"
export {
  anderson,
  auto,
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
  perRow,
  picard,
  truncated,
  unrolled,
} from "./constructors/index.js"
export { fixedPoint, type SolvedFixedPoint, solveFixedPoint } from "./fixed-point.js"
export { type LinearSolveOptions, linearSolve, root } from "./linear-solve.js"
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
