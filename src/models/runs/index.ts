/** Whole runs in their folders. */
export {
  agrees,
  type Description,
  descriptionOf,
  hasCheckpoint,
  type Latest,
  type Loaded,
  latestCheckpoint,
  load,
  loadLatest,
} from "./checkpoint.js"
export { mayBegin } from "./may-begin.js"
export { type RunRequest, type RunResult, run } from "./run.js"
