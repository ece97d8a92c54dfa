/** Operator splittings as data. */
import type { LinearSolver } from "./linear-solver.js"

/** How z = prox(W z + b) is made a map to iterate, with W and prox taken one after the other. */
export type Splitting =
  /** z <- prox((1 - alpha) z + alpha (W z + b)) */
  | { readonly _tag: "forwardBackward"; readonly alpha: number }
  /** Reflections in both parts; the linear one is a solve with I + alpha (I - W). */
  | { readonly _tag: "peacemanRachford"; readonly alpha: number; readonly linear: LinearSolver }
