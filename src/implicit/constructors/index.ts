export { exact, neumann, oneStep, truncated, unrolled } from "./adjoints.js"
export { andThen, bestSoFar, damped, orElse, perRow, polish, restarted } from "./combinators.js"
export { auto, dense, gmres, neumannIteration } from "./linear.js"
export { anderson, broyden, iterate, newton, newtonKrylov, picard } from "./methods.js"
