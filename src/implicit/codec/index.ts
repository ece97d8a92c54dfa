/** Solvers from outside: configurations and stored graphs. */
export { adjointCodec } from "./adjoint.js"
export { linearSolverCodec } from "./linear-solver.js"
export { methodCodec } from "./method.js"
export { decodeLinearSolver, decodePolicy, decodeSolver, solverCodec } from "./solver.js"
export { splittingCodec } from "./splitting.js"
