/** Models: layers, slot attention, optimisers, training, and what a run reads and writes. Node only. */
export * from "./assessment/index.js"
export * from "./baselines/index.js"
export * from "./checkpoint/index.js"
export * from "./config/index.js"
export * from "./data/index.js"
export type { DecodeError, FileError } from "./failure.js"
export * from "./layers/index.js"
export {
  accuracy,
  ari,
  eachScene,
  fgAri,
  labelsFromMasks,
  type MiouOptions,
  mean as meanScore,
  miou,
  mse,
  msePerImage,
} from "./metrics/index.js"
export * from "./optim/index.js"
export * from "./progress/index.js"
export * from "./report/index.js"
export * from "./run-folder/index.js"
export { nearest } from "./schema/index.js"
export * from "./slot-attention/index.js"
export * from "./training/index.js"
