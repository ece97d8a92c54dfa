/** Images of users: read, checked, and brought to a model's size. */
export { type Fitted, fitImages, type ResizeMethod, resizeMethods } from "./fit.js"
export { firstImages, type LabelledImages } from "./labelled-images.js"
export { readLabelledImages } from "./read.js"
