/** Models: layers, slot attention, optimisers, training, and what a run reads and writes. Node only. */
export {
  type Assessment,
  type AssessmentRow,
  type AssessOptions,
  assess,
  assessmentRecord,
  assessmentReport,
  decodeViewRequest,
  heldOutSubject,
  type ImageScores,
  type InnerView,
  type Inspection,
  inspectionReport,
  inspectRun,
  jsonText,
  type MetricCourse,
  ownSubject,
  type PartitionScores,
  type Reading,
  type Subject,
  subjectNotes,
  type ViewRequest,
} from "./assessment/index.js"
export * from "./baselines/index.js"
export {
  type Checkpoint,
  decodeCheckpoint,
  decodeSafetensors,
  encodeCheckpoint,
  encodeSafetensors,
  fromSystem,
  type ImportOptions,
  importWeights,
  type Json,
  type ListedTensor,
  listTensors,
  loadCheckpoint,
  readFileBytes,
  type Safetensors,
  type Source,
  type StoredTensor,
  saveCheckpoint,
  type TensorList,
  writeFileAtomic,
} from "./checkpoint/index.js"
export * from "./config/index.js"
export * from "./data/index.js"
export type { DecodeError, FileError } from "./failure.js"
export * from "./layers/index.js"
export {
  accuracy,
  ari,
  averagePrecision,
  eachScene,
  fgAri,
  labelsFromMasks,
  type MiouOptions,
  masksFromLabels,
  mean as meanScore,
  miou,
  mse,
  msePerImage,
} from "./metrics/index.js"
export * from "./onnx/index.js"
export * from "./optim/index.js"
export * from "./progress/index.js"
export * from "./report/index.js"
export * from "./run-folder/index.js"
export { nearest } from "./schema/index.js"
export * from "./set-prediction/index.js"
export * from "./slate/index.js"
export * from "./slot-attention/index.js"
export {
  attentionMaps,
  type Bench,
  bench,
  type ChunkOptions,
  type Converge,
  type Convergence,
  centred,
  colourBaseline,
  convergence,
  type Description,
  type Evaluate,
  type Evaluation,
  evaluator,
  heldOutScenes,
  type Images,
  type Job,
  keyOf,
  type Loaded,
  type Look,
  type Loss,
  load,
  type Metrics,
  type Quantiles,
  type RunRequest,
  type RunResult,
  reconstruction,
  run,
  type Scenes,
  type Scores,
  type Segmentation,
  type Snapshot,
  type State,
  type StepMetrics,
  type Summary,
  segmentation,
  stateFrom,
  storedState,
  type Trained,
  type TrainingError,
  train,
  trainStep,
  usualThreads,
  type View,
  viewer,
} from "./training/index.js"
