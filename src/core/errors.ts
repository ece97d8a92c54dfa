/** Every way in which Stillpoint fails, as one tagged union, and the one exception that is thrown inside the language. */

/** A badly typed call, thrown at the line that made it. `message` says what was expected, what was found, where, and what to do. */
export class TraceError extends Error {
  readonly _tag = "TraceError"
  constructor(message: string) {
    super(message)
    this.name = "TraceError"
  }
}

/** A solve that is to be refused: which one, how it ended, and how far it was. */
export interface SolveReport {
  readonly site: string
  readonly status: SolveStatus
  /** Residual of the iterate that is returned, the worst over rows and runs. */
  readonly residual: number
  readonly evaluations: number
}

/** How a solve ended, from best to worst. `NotRun` is the neutral element of the merge. */
export const solveStatuses = ["NotRun", "Converged", "Exhausted", "Stalled", "Diverged", "Breakdown", "Singular", "NonFinite"] as const
export type SolveStatus = (typeof solveStatuses)[number]

export type StillpointError =
  | { readonly _tag: "TraceError"; readonly message: string }
  | { readonly _tag: "GraphError"; readonly message: string }
  | RunError
  | { readonly _tag: "DecodeError"; readonly message: string }
  | { readonly _tag: "FileError"; readonly message: string; readonly path: string }

export type RunError =
  | { readonly _tag: "TraceError"; readonly message: string }
  | { readonly _tag: "TargetMissing"; readonly target: string; readonly message: string }
  | { readonly _tag: "TargetFailure"; readonly target: string; readonly message: string }
  | { readonly _tag: "NotConverged"; readonly message: string; readonly solves: readonly SolveReport[] }
  | { readonly _tag: "NonFinite"; readonly message: string }
  | { readonly _tag: "StaleHandle"; readonly message: string }
  | { readonly _tag: "Cancelled"; readonly message: string }
