/** Baselines without learning. */

export { type ColourOptions, segmentByColour } from "./colour-segmentation.js"
export { type Clustering, type KMeansOptions, kMeans } from "./kmeans.js"
