/** Linear solvers as data. */
import type { Method } from "./method.js"
import { partsOf } from "./structure.js"
import type { Tolerances } from "./tolerances.js"

/** Conjugate gradients: for symmetric positive definite operators only. */
export type DefiniteSolver = { readonly _tag: "cg" } & Tolerances

/** How linear systems of any square operator are solved. */
export type LinearSolver =
  /** What is cheapest for the size and the structure: see `chosenLinear`. */
  | ({ readonly _tag: "auto" } & Tolerances)
  /** The Neumann iteration to convergence: converges when the forward Picard iteration does. */
  | ({ readonly _tag: "picard" } & Tolerances)
  /** A method for fixed points on x = b + (x - M x). */
  | ({ readonly _tag: "iteration"; readonly method: Method } & Tolerances)
  /** GMRES with restarts after `memory` products. Default memory min(n, 30). */
  | ({ readonly _tag: "gmres"; readonly memory?: number } & Tolerances)
  /** BiCGSTAB: two products a step and no memory that grows. */
  | ({ readonly _tag: "bicgstab" } & Tolerances)
  /** Conjugate gradients on M'M x = M'b: squares the condition number; never chosen by itself. */
  | ({ readonly _tag: "normalCg" } & Tolerances)
  /** The matrix is built and factorised by LU with partial pivoting. */
  | { readonly _tag: "dense" }

/** How the linear systems of the adjoint (and of tangents) are solved. */
export type AnyLinearSolver = LinearSolver | DefiniteSolver

const needWholeMatrix: ReadonlySet<Method["_tag"]> = new Set([
  "newton",
  "chord",
  "pseudoTransient",
  "levenbergMarquardt",
  "dogleg",
  "polish",
] satisfies readonly Method["_tag"][])

/**
 * What forbids a method as a linear solver by `iteration`, or null.
 *
 * @example
 * iterationFault({ _tag: "newton" }) // "newton needs the whole matrix: use dense()"
 */
export const iterationFault = (method: Method): string | null => {
  const { _tag } = method
  if (_tag === "iterate") return "iterate has no stopping test: use neumannIteration()"
  if (_tag === "bisection") return "bisection is for one number: use dense()"
  if (needWholeMatrix.has(_tag)) return `${_tag} needs the whole matrix: use dense()`
  return (
    partsOf(method)
      .map(iterationFault)
      .find((fault) => fault !== null) ?? null
  )
}
