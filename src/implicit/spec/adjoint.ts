/** Adjoints as data. */
import type { AnyLinearSolver, LinearSolver } from "./linear-solver.js"
import type { Structure } from "./operator-structure.js"

/** How derivatives pass a fixed point. `exact`, `unrolled` and `checkpointed` are unbiased; the others promise first order. */
export type Adjoint =
  /** The implicit function theorem. `structure` is that of I - df/dz, general where it is left out; `cg` needs a positive definite one. */
  | { readonly _tag: "exact"; readonly linear: LinearSolver; readonly structure?: Structure }
  | { readonly _tag: "exact"; readonly linear: AnyLinearSolver; readonly structure: "positiveDefinite" }
  /** The first `terms + 1` terms of the Neumann series of the inverse. */
  | { readonly _tag: "neumann"; readonly terms: number }
  /** One application of f at the stopped solution: the one line of Chang, Griffiths and Levine (2022). */
  | { readonly _tag: "oneStep" }
  /** `steps` steps z <- (1 - tau) z + tau f(z) from the stopped solution, differentiated. */
  | { readonly _tag: "phantom"; readonly steps: number; readonly tau: number }
  /** The inverse Jacobian that the forward Broyden solve built, without a further solve where it is good enough. */
  | { readonly _tag: "shine"; readonly guard?: number }
  /** A loop of `steps` applications, differentiated as the program it is; gradients reach the initial state. */
  | { readonly _tag: "unrolled"; readonly steps: number }
  /** As `unrolled`, with at most `snapshots` states kept and the others made again. */
  | { readonly _tag: "checkpointed"; readonly steps: number; readonly snapshots: number }
  /** `steps` applications, of which the last `last` are differentiated. */
  | { readonly _tag: "truncated"; readonly steps: number; readonly last: number }
  /** `of` for what f captures; the initial state gets the gradient of the solution as it is. */
  | { readonly _tag: "bilevel"; readonly of: Adjoint }
  /** An adjoint that a user defined under a name. */
  | { readonly _tag: "defined"; readonly name: string; readonly options: unknown }

/** Whether gradients reach the initial state by themselves. */
export const reachesInit = ({ _tag }: Adjoint): boolean => _tag === "unrolled" || _tag === "checkpointed" || _tag === "bilevel"
