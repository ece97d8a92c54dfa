/** Images of users: read, checked, and brought to a model's size. */
export { type Fitted, fitImages, type ResizeMethod, resizeMethods } from "./fit.js"
export { firstImages, type LabelledImages } from "./labelled-images.js"
export type { Transparency } from "./pixels.js"
export { type LabelledOptions, readLabelledImages } from "./read.js"
export { type FittedImages, type Fitting, readFittedImages } from "./read-fitted.js"
