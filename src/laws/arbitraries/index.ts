/** Arbitraries of what Stillpoint programs take and are: shapes, tensors, keys, contractions, programs. */
export { type ContractionOptions, contraction } from "./contraction.js"
export { type Draw, drawn } from "./draw.js"
export { type Language, type Params, type Transform, transformNames } from "./nodes/index.js"
export { type Program, type ProgramOptions, programKinds, programs } from "./programs.js"
export {
  awayFromZero,
  bools,
  distinct,
  dominant,
  indices,
  integers,
  key,
  keys,
  normal,
  permutation,
  positive,
  regular,
  type ShapeOptions,
  shape,
  uniform,
} from "./tensors.js"
