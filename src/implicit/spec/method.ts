/** Methods as data. */

/** An algorithm for fixed points as plain data; the constructors (`anderson`, `newton`, ...) make a whole solver of one. */
export type Method =
  | { readonly _tag: "picard" }
  | { readonly _tag: "anderson"; readonly memory: number; readonly mixing: number }
  | { readonly _tag: "broyden"; readonly memory: number; readonly lineSearch: boolean }
  | { readonly _tag: "newton" }
  | { readonly _tag: "newtonKrylov"; readonly memory: number }
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
