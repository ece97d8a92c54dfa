export { neumannSeries } from "./neumann.js"
export { unrolledSteps } from "./unrolled.js"
