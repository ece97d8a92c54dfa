export { type EvaluateOptions, evaluate } from "./evaluate.js"
export {
  type AnyHandle,
  type Handle,
  type Input,
  type Inputs,
  isHandle,
  type Keep,
  type OnDevice,
  type Placed,
  type Read,
} from "./handle.js"
export type { Program, ProgramOptions, RunOptions } from "./program.js"
export type { Report, TapReport } from "./report.js"
export { type CompileOptions, compile, openSession, type Session } from "./session.js"
export { dispose, read } from "./transfer.js"
