/** Training: steps as a stream, snapshots, evaluation, and whole runs in their folders. */
export { attentionMaps } from "./attention-maps.js"
export { type Bench, bench } from "./bench.js"
export { type Description, type Loaded, load } from "./checkpoint.js"
export { type Converge, type Convergence, convergence, type Quantiles } from "./convergence.js"
export {
  type ChunkOptions,
  chunkOf,
  colourBaseline,
  type Evaluate,
  type Evaluation,
  evaluator,
  heldOutScenes,
  type Images,
  type Look,
  type Scenes,
  type Scores,
  type Segmentation,
  segmentation,
  type View,
  viewer,
} from "./evaluation.js"
export { centred, reconstruction } from "./objective.js"
export { keyOf } from "./random.js"
export { type RunRequest, type RunResult, run } from "./run.js"
export { type Snapshot, stateFrom, storedState } from "./snapshot.js"
export { type Loss, type State, type StepMetrics, trainStep } from "./step.js"
export {
  type Advance,
  type Advanced,
  type Course,
  type Job,
  type Metrics,
  type Trained,
  type TrainingError,
  train,
  trainBy,
} from "./stream.js"
export type { Summary } from "./summary.js"
export { usualThreads } from "./threads.js"
export { configFacts, type NamedConvergence, partOf, residualChart, sceneView } from "./views.js"
