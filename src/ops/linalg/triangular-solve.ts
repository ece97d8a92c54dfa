/** Triangular systems, by substitution. */
import {
  type AnyTensor,
  addTangents,
  apply1,
  bodyOf,
  defineOp,
  type Op,
  type Tensor,
  type TensorType,
  TraceError,
} from "../../core/index.js"
import { div, mul, neg, sub } from "../arithmetic.js"
import { less, where } from "../compare.js"
import { scan } from "../control/index.js"
import { take } from "../gather.js"
import { iota } from "../iota.js"
import { matmul } from "../matmul.js"
import { expandAxis } from "../shape.js"
import {
  aligned,
  type Bool,
  batchSolve,
  type Int,
  lowerTriangle,
  onEach,
  requireRightSides,
  requireSquare,
  swapped,
  upperTriangle,
} from "./matrices.js"

export interface TriangularParams {
  /** The triangle that is read. */
  readonly lower: boolean
  /** Solves with the transpose of the triangle. */
  readonly transposed: boolean
  /** The diagonal is taken to be 1 and not read. */
  readonly unit: boolean
}

/**
 * One matrix: substitution by columns. What is left of the right sides loses, turn by turn, the column of the unknown that is
 * known by now.
 */
const substitute = ({ lower, transposed, unit }: TriangularParams, t: Tensor, b: Tensor): Tensor => {
  const n = b.shape[0] as number
  const forwards = lower !== transposed
  const rows = iota(n)
  const turn = (rest: Tensor, { column, at }: { readonly column: Tensor; readonly at: Int }) => {
    const row = take(rest, at)
    const x = unit ? row : (div(row, take(column, at)) as Tensor)
    const ahead = forwards ? less(at, rows) : less(rows, at)
    const next = sub(rest, mul(expandAxis(column, 1), expandAxis(x, 0)) as Tensor) as Tensor
    return [where(expandAxis(ahead as Bool, 1), next, rest) as Tensor, x] as const
  }
  const columns = transposed ? t : swapped(t)
  return scan(turn, b, { column: columns, at: iota(n) }, { reverse: !forwards })[1] as Tensor
}

/**
 * Inputs T [.., n, n], of which one triangle is read, and B [.., n, k]; X with op(T) X = B, where op is the transpose or nothing.
 *
 * Derivative (Giles 2008, section 2.2.3). From op(T) X = B: op(T) X' = B' - op(T') X, with the triangle of T' alone.
 * Transpose. X is linear in B, so its transpose solves with the transposed triangle.
 */
export const triangularSolveOp: Op<TriangularParams> = defineOp<TriangularParams>({
  name: "triangularSolve",
  type: (_params, [t, b]) => {
    requireSquare("triangularSolve", t as TensorType)
    requireRightSides("triangularSolve", t as TensorType, b as TensorType)
    return [b as TensorType]
  },
  jvp: (params, [t], [x], [dt, db]) => {
    const { lower, transposed, unit } = params
    const read = lower ? lowerTriangle : upperTriangle
    const moved = (d: AnyTensor): AnyTensor => {
      const own = read(d as Tensor, unit)
      return neg(matmul(transposed ? swapped(own) : own, x as Tensor) as Tensor)
    }
    return [apply1(triangularSolveOp, params, [t as AnyTensor, addTangents(db ?? null, dt == null ? null : moved(dt)) as AnyTensor])]
  },
  transpose: (params, [t], [linearInMatrix], [ct]) => {
    if (linearInMatrix) throw new TraceError("triangularSolve: it is not linear in its matrix; this is a fault of a derivative rule")
    return [null, apply1(triangularSolveOp, { ...params, transposed: !params.transposed }, [t as AnyTensor, ct as AnyTensor])]
  },
  batch: (params, inputs, batched, size) =>
    batchSolve((t, b) => apply1(triangularSolveOp, params, [t, b]) as Tensor, inputs, batched, size),
  lower: (params, inputs) => ({
    t: "graph",
    graph: bodyOf("triangularSolve", inputs, ([t, b]) => [
      onEach((m: Tensor, right: Tensor) => substitute(params, m, right), (t as AnyTensor).shape.length - 2)(t as Tensor, b as Tensor),
    ]),
  }),
  cheap: false,
  example: (choose) => {
    const lead = choose.shape(1)
    const unit = choose.bool()
    // with a unit diagonal, two unknowns are linear in the matrix by chance
    const n = choose.int(unit ? 3 : 1, 3)
    return {
      params: { lower: choose.bool(), transposed: choose.bool(), unit },
      inputs: [
        { elem: "float", shape: [...lead, n, n] },
        { elem: "float", shape: [...lead, n, choose.int(1, 2)] },
      ],
      domains: [{ t: "dominant", anywhere: false }, { t: "real" }],
    }
  },
})

/** Which triangle `triangularSolve` reads, and on which side it stands. */
export interface TriangularOptions {
  /** Which triangle is read. Default lower. */
  readonly lower?: boolean
  /** Solve with the transpose of the triangle. Default false. */
  readonly transposed?: boolean
  /** Take the diagonal to be 1. Default false. */
  readonly unitDiagonal?: boolean
  /** "left": op(T) X = B; "right": X op(T) = B. Default left. */
  readonly side?: "left" | "right"
}

/** X with op(T) X = B, after `aligned`. */
export const solveTriangle = (t: Tensor, b: Tensor, params: Partial<TriangularParams> = {}): Tensor =>
  apply1(triangularSolveOp, { lower: true, transposed: false, unit: false, ...params }, [t, b]) as Tensor

/**
 * Solves triangular systems `op(T) X = B`, or `X op(T) = B` with `side: "right"`, by substitution. T is [.., n, n], and only the
 * triangle that `lower` names is read; B is a vector [n] or [.., n, k] ([.., k, n] on the right); leading axes are broadcast.
 *
 * A zero on the diagonal gives what division by it gives, infinities and NaN, in that system alone.
 * The backward error is at most n eps |T| (Higham 2002, theorem 8.5).
 *
 * @throws TraceError for matrices that are not square, or right sides that don't fit.
 * @example
 * triangularSolve(tensor([[2, 0], [1, 4]]), tensor([2, 9])) // [1, 2]
 */
export const triangularSolve = (
  t: Tensor,
  b: Tensor,
  { lower = true, transposed = false, unitDiagonal = false, side = "left" }: TriangularOptions = {},
): Tensor => {
  // X op(T) = B is op(T)' X' = B'
  if (side === "right" && b.shape.length > 1)
    return swapped(triangularSolve(t, swapped(b), { lower, transposed: !transposed, unitDiagonal }))
  const fit = aligned("triangularSolve", t, b)
  return fit.restore(solveTriangle(fit.a, fit.b, { lower, transposed: side === "right" ? !transposed : transposed, unit: unitDiagonal }))
}
