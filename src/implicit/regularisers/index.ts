/** What is added to a loss, or done to weights, so that layers converge. */
export { fixedPointCorrection } from "./fixed-point-correction.js"
export { jacobianPenalty } from "./jacobian-penalty.js"
export { spectralNormalised } from "./spectral-normalised.js"
