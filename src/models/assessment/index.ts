/** Trained models looked at: scores on held-out scenes or a user's images, and what is in a checkpoint. */
export { type Assessment, type AssessmentRow, type AssessOptions, assess } from "./assess.js"
export {
  courses,
  type Inspection,
  inspectRun,
  type MetricCourse,
  type Reading,
} from "./inspection.js"
export { inspectionReport } from "./inspection-page.js"
export { assessmentReport, assessmentTable, subjectNotes } from "./page.js"
export { assessmentRecord, jsonText } from "./record.js"
export { decodeViewRequest, type ViewRequest } from "./request.js"
export { type ImageScores, type PartitionScores, partitionScores } from "./scores.js"
export { heldOutSubject, imageCount, ownSubject, type Subject } from "./subject.js"
