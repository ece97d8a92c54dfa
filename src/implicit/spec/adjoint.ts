/** Adjoints as data. */
import type { AnyLinearSolver, LinearSolver } from "./linear-solver.js"
import type { Structure } from "./operator-structure.js"

/** How derivatives pass a fixed point. Only `exact`, `unrolled` are unbiased; the others promise first order. */
export type Adjoint =
  /** The implicit function theorem. `structure` is that of I - df/dz, general where it is left out; `cg` needs a positive definite one. */
  | { readonly _tag: "exact"; readonly linear: LinearSolver; readonly structure?: Structure }
  | { readonly _tag: "exact"; readonly linear: AnyLinearSolver; readonly structure: "positiveDefinite" }
  /** The first `terms + 1` terms of the Neumann series of the inverse. */
  | { readonly _tag: "neumann"; readonly terms: number }
  /** One application of f at the stopped solution: the one line of Chang, Griffiths and Levine (2022). */
  | { readonly _tag: "oneStep" }
  /** A loop of `steps` applications, differentiated as the program it is; gradients reach the initial state. */
  | { readonly _tag: "unrolled"; readonly steps: number }
  /** `steps` applications, of which the last `last` are differentiated. */
  | { readonly _tag: "truncated"; readonly steps: number; readonly last: number }
