/** Every way in which Stillpoint fails, as one tagged union, and the one exception that is thrown inside the language. */

import { type Line, lineOfError } from "./location.js"

/** A badly typed call, thrown at the line that made it. `message` says what was expected, what was found, where, and what to do. */
export class TraceError extends Error {
  readonly _tag = "TraceError"
  readonly #line: Line
  constructor(message: string) {
    super(message)
    this.name = "TraceError"
    this.#line = lineOfError()
  }
  /** The user's line that made the call, `file:line:column`; null where the stack has no frame outside the library. */
  get at(): string | null {
    return this.#line.at
  }
}

/** A `TraceError` as a value, its line in the message too. */
export interface TraceFailure {
  readonly _tag: "TraceError"
  readonly message: string
  /** The user's line, `file:line:column`, where it is known. */
  readonly at: string | null
}

/** A `TraceError` that crosses a boundary. */
export const traceFailure = ({ message, at }: TraceError): TraceFailure => ({
  _tag: "TraceError",
  message: at === null ? message : `${message}\n    at ${at}`,
  at,
})

/** The first op of a program that made NaN, or infinity, of numbers without. */
export interface NonFiniteValue {
  readonly _tag: "NonFiniteValue"
  /** Everything below in words. */
  readonly message: string
  /** The op's name, or the argument that held NaN already. */
  readonly op: string
  /** `(float[3], float[3]) -> float[3]` */
  readonly types: string
  /** The user's line, `file:line:column`, where it is known. */
  readonly at: string | null
  /** Bodies around it, from the outermost: `scan, turn 3`. */
  readonly inside: readonly string[]
  /** The values that it was given, in short. */
  readonly operands: readonly string[]
}

/** A solve that is to be refused: which one, how it ended, and how far it was. */
export interface SolveReport {
  readonly site: string
  readonly status: SolveStatus
  /** Residual of the iterate that is returned, the worst over rows and runs. */
  readonly residual: number
  readonly evaluations: number
  /** Of a linear solve that failed: how many unknowns a row of its operator has. */
  readonly unknowns?: number
  /** Of a linear solve that failed and was made from the operator's LU factors: an estimate of the operator's reciprocal condition. */
  readonly rcond?: number
}

/** A program that another format can't say: which op, and where. */
export interface NotExportable {
  readonly _tag: "NotExportable"
  /** Everything below in words, and what to do. */
  readonly message: string
  /** The op's name; null where it is none of them: the file would be too large. */
  readonly op: string | null
  /** `(key[3], int[3]) -> key[3]` */
  readonly types: string
  /** The user's line, `file:line:column`, where it is known. */
  readonly at: string | null
}

/** How a solve ended, from best to worst. `NotRun` is the neutral element of the merge. */
export const solveStatuses = [
  "NotRun",
  "Converged",
  "Exhausted",
  "Stalled",
  "Diverged",
  "Breakdown",
  "Singular",
  "NonFinite",
  "Coupled",
] as const
/** How a solve ended; see {@link solveStatuses}. */
export type SolveStatus = (typeof solveStatuses)[number]

/** All failures of the library, told apart by `_tag`; `message` says what was expected, what was found, and what to do. */
export type StillpointError =
  | { readonly _tag: "GraphError"; readonly message: string }
  | RunError
  | NotExportable
  | { readonly _tag: "DecodeError"; readonly message: string }
  | { readonly _tag: "FileError"; readonly message: string; readonly path: string }

/** How running a program can fail. */
export type RunError =
  | TraceFailure
  | NonFiniteValue
  | { readonly _tag: "TargetMissing"; readonly target: string; readonly message: string }
  | { readonly _tag: "TargetFailure"; readonly target: string; readonly message: string }
  | { readonly _tag: "NotConverged"; readonly message: string; readonly solves: readonly SolveReport[] }
  | { readonly _tag: "NonFinite"; readonly message: string }
  | { readonly _tag: "StaleHandle"; readonly message: string }
  | { readonly _tag: "Cancelled"; readonly message: string }
