/** General linear systems, by LU factors. */
import {
  type AnyTensor,
  addTangents,
  apply,
  apply1,
  bodyOf,
  defineOp,
  type Op,
  type Tensor,
  type TensorType,
  TraceError,
} from "../../core/index.js"
import { neg } from "../arithmetic.js"
import { scatterAddOp, takeRows } from "../gather.js"
import { eye } from "../higher.js"
import { matmul } from "../matmul.js"
import { luOp } from "./lu.js"
import { aligned, batchSolve, type Int, requireRightSides, requireSquare, swapped } from "./matrices.js"
import { solveTriangle } from "./triangular-solve.js"

export interface SolveParams {
  /** Solves with the transpose of the matrix, by the factors of the matrix itself. */
  readonly transposed: boolean
}

/**
 * A [.., n, n], B [.., n, k] -> X with op(A) X = B. Its meaning is P A = L U and two triangular solves, so solves with one matrix
 * and its transpose (a solve and its derivatives) share one factorisation where a program is compiled.
 *
 * Derivative (Giles 2008, section 2.2.3). From A X = B: A X' = B' - A' X.
 * Transpose. X is linear in B, so its transpose solves with the transposed matrix.
 */
export const solveOp: Op<SolveParams> = defineOp<SolveParams>({
  name: "solve",
  type: (_params, [a, b]) => {
    requireSquare("solve", a as TensorType)
    requireRightSides("solve", a as TensorType, b as TensorType)
    return [b as TensorType]
  },
  jvp: (params, [a], [x], [da, db]) => {
    const moved = (d: AnyTensor) => neg(matmul(params.transposed ? swapped(d as Tensor) : (d as Tensor), x as Tensor) as Tensor)
    return [apply1(solveOp, params, [a as AnyTensor, addTangents(db ?? null, da == null ? null : moved(da)) as AnyTensor])]
  },
  transpose: ({ transposed }, [a], [linearInMatrix], [ct]) => {
    if (linearInMatrix) throw new TraceError("solve: it is not linear in its matrix; this is a fault of a derivative rule")
    return [null, apply1(solveOp, { transposed: !transposed }, [a as AnyTensor, ct as AnyTensor])]
  },
  batch: (params, inputs, batched, size) => batchSolve((a, b) => apply1(solveOp, params, [a, b]) as Tensor, inputs, batched, size),
  lower: ({ transposed }, inputs) => ({
    t: "graph",
    graph: bodyOf("solve", inputs, ([a, b]) => {
      const [packed, order] = apply(luOp, null, [a as AnyTensor]) as readonly [Tensor, Int]
      const shared = packed.shape.length - 2
      if (!transposed) {
        const y = solveTriangle(packed, takeRows(b as Tensor, order, shared), { unit: true })
        return [solveTriangle(packed, y, { lower: false })]
      }
      // A^T = U^T L^T P: row i of what L^T gives is row order[i] of X
      const y = solveTriangle(packed, b as Tensor, { lower: false, transposed: true })
      const z = solveTriangle(packed, y, { unit: true, transposed: true })
      return [apply1(scatterAddOp, { shared, size: packed.shape[shared] as number }, [z, order])]
    }),
  }),
  cheap: false,
  example: (choose) => {
    const lead = choose.shape(1)
    const n = choose.int(1, 3)
    return {
      params: { transposed: choose.bool() },
      inputs: [
        { elem: "float", shape: [...lead, n, n] },
        { elem: "float", shape: [...lead, n, choose.int(1, 2)] },
      ],
      domains: [{ t: "dominant", anywhere: true }, { t: "real" }],
    }
  },
})

/**
 * Solves `A X = B` by LU factors with partial pivoting. A is [.., n, n]; B is a vector [n] or [.., n, k]; leading axes are
 * broadcast. Solves with one A share its factors in a compiled program, those of derivatives included.
 *
 * A singular matrix gives infinities or NaN, in that system alone; `slogdet` tells. The solution is exact for a matrix that differs
 * from A by at most about 3 n eps |L| |U| (Higham 2002, theorem 9.4).
 *
 * @throws TraceError for matrices that are not square, or right sides that don't fit.
 * @example
 * solve(tensor([[2, 1], [1, 3]]), tensor([4, 7])) // [1, 2]
 */
export const solve = (a: Tensor, b: Tensor): Tensor => {
  requireSquare("solve", a.type)
  const fit = aligned("solve", a, b)
  return fit.restore(apply1(solveOp, { transposed: false }, [fit.a, fit.b]) as Tensor)
}

/**
 * The inverse of square matrices [.., n, n]. To apply it, `solve` is faster and more accurate. A singular matrix gives infinities
 * or NaN, in that matrix alone.
 *
 * @example
 * inv(tensor([[2, 0], [1, 4]])) // [[0.5, 0], [-0.125, 0.25]]
 */
export const inv = (a: Tensor): Tensor => {
  requireSquare("inv", a.type)
  return solve(a, eye(a.shape.at(-1) as number) as Tensor)
}
