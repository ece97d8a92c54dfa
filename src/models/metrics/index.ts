/** Scores of segmentations and reconstructions. Plain functions over typed arrays. */
export { ari, fgAri } from "./rand-index.js"
export { miou, type MiouOptions } from "./miou.js"
export { mse, msePerImage } from "./squared-error.js"
export { eachScene, labelsFromMasks, mean } from "./labels.js"
