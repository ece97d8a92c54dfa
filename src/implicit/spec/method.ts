/** Methods as data. */

/** Which matrix a Broyden update changes least: "good" the Jacobian, "bad" its inverse (Broyden 1965, methods 1 and 2). */
export type BroydenUpdate = "good" | "bad"

/**
 * When an extrapolated point is refused: where its residual exceeds `growth` times the one before, or `bound` times the first one
 * divided by (s + 1)^1.1 after s accepted extrapolations.
 */
export interface Safeguard {
  readonly growth: number
  readonly bound: number
}

/** An algorithm for fixed points as plain data; the constructors (`anderson`, `newton`, ...) make a whole solver of one. */
export type Method =
  | { readonly _tag: "picard" }
  | {
      readonly _tag: "anderson"
      readonly memory: number
      readonly mixing: number
      /** Relative to the largest diagonal of the Gram matrix of differences; 0 where it is left out. */
      readonly ridge?: number
      /** The window is emptied after so many steps; never where it is left out. */
      readonly restart?: number
      readonly safeguard?: Safeguard
    }
  /** "good" where the update is left out. */
  | { readonly _tag: "broyden"; readonly memory: number; readonly lineSearch: boolean; readonly update?: BroydenUpdate }
  /** For symmetric df/dz with all eigenvalues in [low, high], high below 1. */
  | { readonly _tag: "chebyshev"; readonly low: number; readonly high: number }
  | { readonly _tag: "newton"; readonly lineSearch?: boolean }
  | { readonly _tag: "newtonKrylov"; readonly memory: number }
  /** Newton with a Jacobian that is kept while each step multiplies the residual by at most `rate`. */
  | { readonly _tag: "chord"; readonly rate: number }
  /** Implicit Euler steps of z' = f(z) - z, the first of length `delta`. */
  | { readonly _tag: "pseudoTransient"; readonly delta: number }
  /** Damped least squares, with the first damping. */
  | { readonly _tag: "levenbergMarquardt"; readonly damping: number }
  /** Powell's path within a trust region, with its first radius. */
  | { readonly _tag: "dogleg"; readonly radius: number }
  /** Halving of a bracket, for a state of one number a row. */
  | { readonly _tag: "bisection"; readonly low: number; readonly high: number; readonly expand: boolean }
  /** Exactly `count` applications; no stopping test. */
  | { readonly _tag: "iterate"; readonly count: number }
  /** The method on (1 - tau) z + tau f(z); residuals stay those of f. */
  | { readonly _tag: "damped"; readonly tau: number; readonly of: Method }
  /** Every row of the first axis is a solve of its own, while f sees the whole batch. */
  | { readonly _tag: "perRow"; readonly of: Method }
  /** `first`; when it fails (or after `evaluations`, if given) `second`, from the best finite point. */
  | { readonly _tag: "orElse"; readonly first: Method; readonly second: Method; readonly evaluations?: number }
  /** `first` for so many evaluations, then `second` from the best point. */
  | { readonly _tag: "andThen"; readonly first: Method; readonly evaluations: number; readonly second: Method }
  /** The method, whose memory is emptied every so many turns. */
  | { readonly _tag: "restarted"; readonly every: number; readonly of: Method }
  /** The best of the iterates instead of the last, where the method has a fixed count of them. */
  | { readonly _tag: "bestSoFar"; readonly of: Method }
  /** So many Newton steps after the method converged. */
  | { readonly _tag: "polish"; readonly steps: number; readonly of: Method }
  /** A solver that a user defined by this name, and its options. */
  | { readonly _tag: "defined"; readonly name: string; readonly options: { readonly [option: string]: unknown } }
