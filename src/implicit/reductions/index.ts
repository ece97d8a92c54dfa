/** Problems reduced to a root, a fixed point or a linear solve: minima, projections, optimality conditions, steady states. */
export { type ConstrainedProgram, type KktPoint, kkt } from "./kkt.js"
export { minimizer } from "./minimizer.js"
export { projectedGradient } from "./projected-gradient.js"
export { projectAffine, projectBox, projectL1Ball, projectL2Ball, projectNonnegative, projectSimplex } from "./projections.js"
export { proxElasticNet, proxGroupL2, proxL1, proxNonnegative, proxSquaredL2 } from "./prox.js"
export { proximalGradient } from "./proximal-gradient.js"
export { type QuadraticProgram, quadraticProgram } from "./quadratic-program.js"
