export { exact, neumann, oneStep, truncated, unrolled } from "./adjoints.js"
export { damped, perRow } from "./combinators.js"
export { auto, bicgstab, cg, dense, gmres, iteration, neumannIteration, normalCg } from "./linear.js"
export { anderson, broyden, iterate, newton, newtonKrylov, picard } from "./methods.js"
