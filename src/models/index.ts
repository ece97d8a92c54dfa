/** Models: layers, slot attention, optimisers, training, and what a run reads and writes. Node only. */
export {
  type Assessment,
  type AssessmentRow,
  type AssessOptions,
  assess,
  assessmentRecord,
  assessmentReport,
  assessmentTable,
  decodeViewRequest,
  heldOutSubject,
  type ImageScores,
  type Inspection,
  imageCount,
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
export * from "./comparison/index.js"
export * from "./config/index.js"
export * from "./data/index.js"
export type { DecodeError, FileError } from "./failure.js"
export * from "./families/index.js"
export * from "./generation/index.js"
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
export * from "./onnx/index.js"
export * from "./optim/index.js"
export * from "./progress/index.js"
export * from "./report/index.js"
export * from "./run-folder/index.js"
export * from "./runs/index.js"
export { nearest } from "./schema/index.js"
export * from "./set-prediction/index.js"
export * from "./slate/index.js"
export * from "./slot-attention/index.js"
export {
  afterRefinements,
  attentionMaps,
  type Bench,
  bench,
  type ChunkOptions,
  type Converge,
  type Convergence,
  type Course,
  colourBaseline,
  convergence,
  finish,
  type Images,
  type Job,
  keyOf,
  type Look,
  type Loss,
  type Measured,
  type Metrics,
  type PaintedView,
  type Quantiles,
  type Scores,
  type Seen,
  type Segmentation,
  type Sight,
  type SlotMap,
  type Snapshot,
  type State,
  type StepMetrics,
  type Summary,
  scored,
  segmentation,
  stateFrom,
  storedState,
  summaryReport,
  summaryTable,
  type Trainable,
  type Trained,
  type TrainingError,
  train,
  trainStep,
  usualThreads,
  type View,
  viewer,
} from "./training/index.js"
