/** A row of the conformance table: a layer as a function of one parameter vector, and what is known of it to 16 digits. */
import type { Tensor } from "../../src/core/index.js"
import { anderson, exact, gmres, type LinearSolveOptions, newton, type Solver } from "../../src/implicit/index.js"
import { concat, indexAxis, reshape, sliceAxis, stack } from "../../src/ops/index.js"

export type Known = number | null

export interface Row {
  readonly id: string
  readonly what: string
  /** The parameters. */
  readonly at: readonly number[]
  readonly layer: (solver: Solver) => (p: Tensor) => Tensor
  /** What it is solved by; Newton with a dense adjoint, and Anderson with GMRES, unless the row says otherwise. */
  readonly solvers?: Readonly<Record<string, Solver>>
  /** One number an output; null where the reference has none. */
  readonly value: readonly Known[]
  /** One row an output, one column a parameter. */
  readonly first?: readonly (readonly Known[])[]
  /** Output, two parameters, value. */
  readonly second?: readonly (readonly [number, number, number, number])[]
  /** Output, parameter, value of the third derivative in that parameter. */
  readonly third?: readonly (readonly [number, number, number])[]
}

/** Tolerances at the end of float64, so that what is left is the rounding of the layer. */
export const tight = { atol: 1e-15, rtol: 1e-15, maxEvaluations: 4000 }
export const byNewton = newton(tight)
export const byAnderson = anderson({ ...tight, adjoint: exact(gmres({ rtol: 1e-14 })) })
export const standard = { newton: byNewton, "anderson, gmres": byAnderson }

/** Parameter `i` as a scalar. */
export const at = (p: Tensor, i: number): Tensor<[]> => indexAxis(p, 0, i) as Tensor<[]>
/** Parameters from `i` on, as a tensor of a shape. */
export const block = (p: Tensor, i: number, ...shape: readonly number[]): Tensor =>
  reshape(sliceAxis(p, 0, i, i + shape.reduce((n, d) => n * d, 1)), shape) as Tensor
/** A vector of scalars, or vectors one after the other. */
export const vector = (...parts: readonly Tensor[]): Tensor =>
  parts.every((t) => t.shape.length === 0)
    ? (stack(parts) as Tensor)
    : (concat(
        parts.map((t) => (t.shape.length === 0 ? (reshape(t, [1]) as Tensor) : t)),
        0,
      ) as Tensor)

/** The linear solver of an exact adjoint, for systems of any structure. */
export const linearOf = ({ adjoint }: Solver): LinearSolveOptions =>
  adjoint._tag === "exact" && adjoint.linear._tag !== "cg" ? { solver: adjoint.linear } : {}
