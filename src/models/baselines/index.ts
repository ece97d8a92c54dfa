/** Baselines without learning. */
export { type Clustering, kMeans, type KMeansOptions } from "./kmeans.js"
export { type ColourOptions, segmentByColour } from "./colour-segmentation.js"
