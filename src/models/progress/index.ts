/** A line that says how far a run is. */
export { formatDuration, formatProgress, type Progress } from "./format.js"
export { type ProgressOptions, type ProgressStream, type ProgressWriter, progressWriter } from "./progress.js"
