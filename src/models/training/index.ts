/** Training: steps as a stream, snapshots, and what a model of any family is looked at and measured by. */
export { attentionMaps } from "./attention-maps.js"
export { type Bench, bench } from "./bench.js"
export { type Converge, type Convergence, type Course, convergence, type Quantiles } from "./convergence.js"
export {
  type ChunkOptions,
  colourBaseline,
  type Look,
  objectNotes,
  type PaintedView,
  type Scores,
  type Segmentation,
  scored,
  segmentation,
  type View,
  viewer,
} from "./evaluation.js"
export { finish, type Measured, type Summary } from "./finish.js"
export { chunkOf, type Images } from "./images.js"
export { mean } from "./mean.js"
export { keyOf } from "./random.js"
export type { Seen, Sight, SlotMap } from "./sight.js"
export { type Snapshot, stateFrom, storedState } from "./snapshot.js"
export { type Loss, type State, type StepMetrics, trainStep } from "./step.js"
export {
  type Advance,
  type Advanced,
  type Job,
  type Metrics,
  type StreamOptions,
  type Trained,
  type TrainingError,
  train,
  trainBy,
} from "./stream.js"
export { summaryReport, summaryTable } from "./summary.js"
export { usualThreads } from "./threads.js"
export type { Trainable } from "./trainable.js"
export { afterRefinements, configFacts, type NamedConvergence, partOf, residualChart, sceneView } from "./views.js"
