/** Linear solvers as data. */
import type { Tolerances } from "./tolerances.js"

/** How the linear systems of the adjoint (and of tangents) are solved. */
export type LinearSolver =
  /** Dense up to 64 unknowns a row, then GMRES. */
  | ({ readonly _tag: "auto" } & Tolerances)
  /** The Neumann iteration to convergence: converges when the forward Picard iteration does. */
  | ({ readonly _tag: "picard" } & Tolerances)
  /** GMRES with restarts after `memory` products. Default memory min(n, 30). */
  | ({ readonly _tag: "gmres"; readonly memory?: number } & Tolerances)
  /** The matrix is built and factorised by LU with partial pivoting. */
  | { readonly _tag: "dense" }
