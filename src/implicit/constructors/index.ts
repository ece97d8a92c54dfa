export { bilevel, checkpointed, exact, neumann, oneStep, phantom, shine, truncated, unrolled } from "./adjoints.js"
export { damped, perRow } from "./combinators.js"
export { auto, dense, gmres, neumannIteration } from "./linear.js"
export { anderson, broyden, iterate, newton, newtonKrylov, picard } from "./methods.js"
