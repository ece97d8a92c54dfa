/** Cholesky factors, one column a turn. */
import { type AnyTensor, apply1, bodyOf, defineOp, type Op, type Tensor, type TensorType } from "../../core/index.js"
import { add, div, mul, sub } from "../arithmetic.js"
import { and, equal, finite, less, where } from "../compare.js"
import { full, zerosLike } from "../constants.js"
import { scan } from "../control/index.js"
import { sqrt } from "../elementary.js"
import { take } from "../gather.js"
import { iota } from "../iota.js"
import { matmul } from "../matmul.js"
import { all } from "../reduce.js"
import { expandAxis } from "../shape.js"
import {
  aligned,
  type Bool,
  belowDiagonal,
  diagonalOf,
  type Int,
  lowerTriangle,
  mirrored,
  onEach,
  requireSquare,
  swapped,
} from "./matrices.js"
import { solveTriangle } from "./triangular-solve.js"

/**
 * One matrix, right-looking: the column under the pivot, divided by its root, is the factor's, and its outer product leaves the rest.
 * What stands above the diagonal of `rest` is never read.
 */
const factor = (a: Tensor): Tensor => {
  const n = a.shape[0] as number
  const rows = iota(n)
  const turn = (rest: Tensor, at: Int) => {
    const column = take(rest, at, 1)
    const root = sqrt(take(column, at))
    const scaled = where(equal(rows, at) as Bool, root, div(column, root) as Tensor) as Tensor
    return [sub(rest, mul(expandAxis(scaled, 1), expandAxis(scaled, 0)) as Tensor) as Tensor, scaled] as const
  }
  const columns = scan(turn, a, iota(n))[1] as Tensor
  const l = lowerTriangle(swapped(columns))
  const pivots = diagonalOf(l)
  const definite = all(and(less(0, pivots) as Bool, finite(pivots) as Bool), [0]) as Bool
  return where(belowDiagonal(n, n), where(definite, l, full([n, n], Number.NaN)) as Tensor, zerosLike(l)) as Tensor
}

/**
 * A [.., n, n], of which the lower triangle is read -> L with L L' = A.
 *
 * Derivative (Murray 2016, "Differentiation of the Cholesky decomposition", section 3). From L L' = A: L' L^T + L L'^T = A', where
 * the dash is the tangent. Multiplied by L^-1 from the left and by L^-T from the right, with Z = L^-1 L' lower triangular,
 * Z + Z^T = M = L^-1 A' L^-T. So Z is the lower triangle of M with half its diagonal, and L' = L Z.
 */
export const choleskyOp: Op<null> = defineOp<null>({
  name: "cholesky",
  type: (_params, [a]) => {
    requireSquare("cholesky", a as TensorType)
    return [a as TensorType]
  },
  jvp: (_params, _inputs, [l], [da]) => {
    const factorOf = l as Tensor
    const half = solveTriangle(factorOf, mirrored(da as Tensor))
    const m = solveTriangle(factorOf, swapped(half))
    const z = mul(add(lowerTriangle(m), lowerTriangle(m, true)) as Tensor, 0.5) as Tensor
    return [matmul(factorOf, z) as AnyTensor]
  },
  batch: (_params, [a]) => ({ outputs: [apply1(choleskyOp, null, [a as AnyTensor])], batched: [true] }),
  lower: (_params, [t]) => ({
    t: "graph",
    graph: bodyOf("cholesky", [t as TensorType], ([a]) => [onEach(factor, (a as AnyTensor).shape.length - 2)(a as Tensor)]),
  }),
  cheap: false,
  example: (choose) => {
    const n = choose.int(1, 4)
    return { params: null, inputs: [{ elem: "float", shape: [...choose.shape(1), n, n] }], domains: [{ t: "dominant", anywhere: false }] }
  },
})

/**
 * The Cholesky factor of symmetric positive definite matrices [.., n, n]: the lower triangular L with positive diagonal and
 * L L^T = (A + A^T) / 2. Only the symmetric part counts, so gradients are symmetric.
 *
 * A matrix that is not positive definite (a pivot that is not a positive finite number) has a lower triangle of NaN; the others of a
 * batch are not touched. The backward error is at most (n + 1) eps |A| (Higham 2002, theorem 10.3). Derivatives: Murray 2016.
 *
 * @throws TraceError for matrices that are not square.
 * @example
 * cholesky(tensor([[4, 2], [2, 5]])) // [[2, 0], [1, 2]]
 */
export const cholesky = (a: Tensor): Tensor => {
  requireSquare("cholesky", a.type)
  return apply1(choleskyOp, null, [mul(add(a, swapped(a)) as Tensor, 0.5)]) as Tensor
}

/**
 * Solves A X = B, given L = `cholesky(A)`: two triangular solves. B is a vector [n] or [.., n, k]; leading axes are broadcast.
 *
 * @example
 * choleskySolve(cholesky(tensor([[4, 2], [2, 5]])), tensor([8, 12])) // [1, 2]
 */
export const choleskySolve = (l: Tensor, b: Tensor): Tensor => {
  const fit = aligned("choleskySolve", l, b)
  return fit.restore(solveTriangle(fit.a, solveTriangle(fit.a, fit.b), { transposed: true }))
}
