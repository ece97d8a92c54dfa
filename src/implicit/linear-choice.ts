/** Which algorithms solve a linear system, as data. */
import type { AnyLinearSolver, Structure } from "./spec/index.js"

/** An algorithm: a linear solver that leaves nothing open, or what a structure makes possible. */
export type LinearAlgorithm =
  | Exclude<AnyLinearSolver, { readonly _tag: "auto" }>
  /** One product gives the diagonal. */
  | { readonly _tag: "diagonal" }
  /** n products give the triangle, a substitution the solution. */
  | { readonly _tag: "substitution"; readonly lower: boolean }

/** Up to here n products and LU cost less than an iteration. */
const DENSE_LIMIT = 64
/** Up to here LU is what is left when an iteration fails, */
const FALLBACK_LIMIT = 512
/** and up to so many numbers in the matrices of all rows: 16 MiB in float32. */
const FALLBACK_NUMBERS = 2 ** 22

/**
 * What solves a system of `n` unknowns: the algorithms in the order in which they are tried, the second only when the first has failed.
 * Any solver but `auto` is itself. For `auto`, with p the cost of a product:
 *
 * - a diagonal operator costs p, a triangular one n p + n^2;
 * - up to 64 unknowns LU costs n p + n^3 / 3, which an iteration of dozens of small steps doesn't beat;
 * - above, a positive definite operator goes to `cg`, any other one to GMRES with memory 30, of some tens of p; and to LU where that
 *   fails, up to 512 unknowns and 2^22 numbers in the matrices of all `systems` together.
 *
 * @example
 * chosenLinear(auto(), 100) // [{ _tag: "gmres" }, { _tag: "dense" }]
 * chosenLinear(auto(), 100, "lowerTriangular") // [{ _tag: "substitution", lower: true }]
 */
export const chosenLinear = (
  solver: AnyLinearSolver,
  n: number,
  structure: Structure = "general",
  systems = 1,
): readonly [LinearAlgorithm, ...LinearAlgorithm[]] => {
  if (solver._tag !== "auto") return [solver]
  const { _tag, ...tolerances } = solver
  switch (structure) {
    case "diagonal":
      return [{ _tag: "diagonal" }]
    case "lowerTriangular":
    case "upperTriangular":
      return [{ _tag: "substitution", lower: structure === "lowerTriangular" }]
    default: {
      if (n <= DENSE_LIMIT) return [{ _tag: "dense" }]
      const iterative = { _tag: structure === "positiveDefinite" ? "cg" : "gmres", ...tolerances } as const
      return n <= FALLBACK_LIMIT && n * n * systems <= FALLBACK_NUMBERS ? [iterative, { _tag: "dense" }] : [iterative]
    }
  }
}
