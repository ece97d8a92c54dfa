/** Scores of segmentations and reconstructions. Plain functions over typed arrays. */

export { accuracy } from "./accuracy.js"
export { averagePrecision } from "./average-precision.js"
export { eachScene, labelsFromMasks, masksFromLabels, mean, withObjects } from "./labels.js"
export { bestMatching } from "./matching.js"
export { type MiouOptions, miou } from "./miou.js"
export { ari, fgAri } from "./rand-index.js"
export { mse, msePerImage } from "./squared-error.js"
