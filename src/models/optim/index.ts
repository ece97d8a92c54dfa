/** Optimisers: pure transformations of gradients that compose, each with a description that is data. */
export { type AdamSpec, type AdamState, adam } from "./adam.js"
export { applyUpdates, type ChainSpec, chain } from "./chain.js"
export { type ClipSpec, clipByGlobalNorm } from "./clip.js"
export { type OptimiserSpec, optimiserCodec, optimiserOf } from "./codec.js"
export { factorAt, type ScheduleSpec, type ScheduleState, scaleBySchedule } from "./schedule.js"
export type { Optimiser, Transformation } from "./transformation.js"
export { globalNorm, mapTrees } from "./tree.js"
