/** Whole runs in their folders. */
export { type Description, hasCheckpoint, type Latest, type Loaded, load, loadLatest } from "./checkpoint.js"
export { type RunRequest, type RunResult, run } from "./run.js"
