/** Optimisers: pure transformations of gradients that compose, each with a description that is data. */
export { type AdamSpec, type AdamState, type AdamwSpec, adam, adamw, type Moments } from "./adam.js"
export { type AverageSpec, type AverageState, averageOf, keepAverage } from "./average.js"
export { type ByPathSpec, byPath, type Group } from "./by-path.js"
export { applyUpdates, type ChainSpec, chain } from "./chain.js"
export { type ClipInfinitySpec, type ClipSpec, clipByGlobalNorm, clipByInfinityNorm } from "./clip.js"
export { type OptimiserSpec, optimiserCodec, optimiserOf } from "./codec.js"
export { type PlateauSpec, type PlateauState, reduceOnPlateau } from "./plateau.js"
export { type RmspropSpec, type RmspropState, rmsprop } from "./rmsprop.js"
export { type FreezeSpec, freeze, type ScaleByScheduleSpec, type ScheduleState, scaleBySchedule } from "./scale.js"
export {
  cosineDecay,
  type ExponentialDecay,
  exponentialDecay,
  factorAt,
  linearDecay,
  product,
  type Schedule,
  scheduleCodec,
  warmUp,
} from "./schedule.js"
export { type SgdSpec, type SgdState, sgd } from "./sgd.js"
export type { AnyTransformation, Optimiser, Told, Transformation } from "./transformation.js"
export { globalNorm, infinityNorm, mapTrees } from "./tree.js"
export { addDecayedWeights, type WeightDecaySpec } from "./weight-decay.js"
