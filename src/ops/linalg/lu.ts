/** LU factors by elimination with partial pivoting, one column a turn. */
import {
  type AnyTensor,
  apply,
  bodyOf,
  defineOp,
  type Elem,
  type Op,
  type Tensor,
  type TensorType,
  type Unchecked,
} from "../../core/index.js"
import { add, div, mul, neg, sub } from "../arithmetic.js"
import { equal, less, where } from "../compare.js"
import { full, onesLike } from "../constants.js"
import { scan } from "../control/index.js"
import { take, takeRows } from "../gather.js"
import { iota } from "../iota.js"
import { matmul } from "../matmul.js"
import { argmax } from "../reduce.js"
import { expandAxis } from "../shape.js"
import { abs } from "../sign.js"
import { type Bool, type Int, lowerTriangle, onDiagonal, onEach, requireSquare, sizesOf, swapped, upperTriangle } from "./matrices.js"
import { solveTriangle } from "./triangular-solve.js"

interface State {
  readonly rest: Tensor
  readonly order: Int
  readonly sign: Tensor
}

const down = <E extends Elem>(x: Tensor<Unchecked, E>) => expandAxis(x, 1)
const across = <E extends Elem>(x: Tensor<Unchecked, E>) => expandAxis(x, 0)

/**
 * One matrix. The pivot is the first of the largest elements under the diagonal (a NaN counts as larger than all, so that it
 * spreads); where it is zero, so is all under it, and nothing is to be eliminated.
 */
const eliminate = (a: Tensor): readonly AnyTensor[] => {
  const n = a.shape[0] as number
  const i = iota(n) as Int
  const turn = ({ rest, order, sign }: State, at: Int) => {
    const column = take(rest, at, 1)
    const size = where(equal(column, column) as Bool, abs(column), full([n], Number.POSITIVE_INFINITY) as Tensor) as Tensor
    const pivotRow = argmax(where(less(i, at) as Bool, full([n], -1) as Tensor, size) as Tensor, 0) as Int
    const isK = equal(i, at) as Bool
    const isPivot = equal(i, pivotRow) as Bool
    const from = where(isK, pivotRow, where(isPivot, at, i) as Int) as Int
    const moved = take(rest, from)
    const own = take(moved, at, 1)
    const pivot = take(own, at)
    const zero = equal(pivot, 0) as Bool
    const factors = div(own, where(zero, onesLike(pivot), pivot) as Tensor) as Tensor
    const eliminated = sub(moved, mul(down(factors), across(take(moved, at))) as Tensor) as Tensor
    const after = less(at, i) as Bool
    const kept = where(across(isK), down(factors), moved) as Tensor
    return [
      {
        rest: where(down(after), where(across(after), eliminated, kept) as Tensor, moved),
        order: take(order, from),
        sign: where(equal(pivotRow, at) as Bool, sign, neg(sign)),
      },
      null,
    ] as const
  }
  // the carry keeps its type, and nothing is stacked
  const [{ rest, order, sign }] = scan(turn, { rest: a, order: i, sign: full([], 1) }, i) as unknown as [State]
  return [rest, order, sign]
}

/**
 * A [.., n, n] -> both factors in one matrix (U on and above the diagonal, L below it, with ones on its own), the rows of A in the
 * order of L U, and the sign of that order.
 *
 * Derivative (Giles 2008, section 2; as JAX does it). With the order P fixed, P A = L U gives P A' = L' U + L U', so
 * F = L^-1 P A' U^-1 = L^-1 L' + U' U^-1: the first is strictly lower triangular, the second upper triangular. Hence
 * L' = L F_lower and U' = F_upper U.
 */
export const luOp: Op<null> = defineOp<null>({
  name: "lu",
  type: (_params, [a]) => {
    const t = a as TensorType
    requireSquare("lu", t)
    return [t, { elem: "int", shape: t.shape.slice(0, -1) }, { elem: "float", shape: t.shape.slice(0, -2) }]
  },
  jvp: (_params, _inputs, [packed, order], [da]) => {
    const both = packed as Tensor
    const lead = both.shape.length - 2
    const moved = solveTriangle(both, takeRows(da as Tensor, order as Int, lead), { unit: true })
    // F U = moved, so U^T F^T = moved^T
    const f = swapped(solveTriangle(both, swapped(moved), { lower: false, transposed: true }))
    const strict = lowerTriangle(f, true)
    const dl = add(matmul(lowerTriangle(both, true), strict) as Tensor, strict)
    const du = matmul(upperTriangle(f), upperTriangle(both)) as Tensor
    return [add(dl, du), null, null]
  },
  batch: (_params, [a]) => ({ outputs: apply(luOp, null, [a as AnyTensor]), batched: [true, true, true] }),
  lower: (_params, [t]) => ({
    t: "graph",
    graph: bodyOf("lu", [t as TensorType], ([a]) => onEach(eliminate, (a as Tensor).shape.length - 2)(a as Tensor)),
  }),
  cheap: false,
  example: (choose) => {
    // one element is its own factor: linear by chance
    const n = choose.int(2, 4)
    return { params: null, inputs: [{ elem: "float", shape: [...choose.shape(1), n, n] }], domains: [{ t: "dominant", anywhere: true }] }
  },
})

/** An LU factorisation with pivots. */
export interface Lu {
  /** `[.., n, n]`: unit lower triangular. */
  readonly l: Tensor
  /** `[.., n, n]`: upper triangular. */
  readonly u: Tensor
  /** L and U in one matrix, without the ones: what `triangularSolve` reads. */
  readonly packed: Tensor
  /** `[.., n]`: row i of L U is row `permutation[i]` of A. */
  readonly permutation: Int
  /** `[..]`: the determinant of the permutation, 1 or -1. */
  readonly sign: Tensor
}

/**
 * LU factors of square matrices [.., n, n] by Gaussian elimination with partial pivoting: rows of A in the order `permutation`
 * are L U. The pivot is the largest element of its column, the first of equals; derivatives keep the order.
 *
 * A singular matrix is factored too, with a zero on the diagonal of U; its derivatives are infinite or NaN. NaN and infinities stay
 * in their own matrix of a batch. Backward error: at most 2 n eps times |L| |U| (Higham 2002, theorem 9.3).
 *
 * @throws TraceError for matrices that are not square.
 * @example
 * lu(tensor([[1, 2], [4, 4]])) // u: [[4, 4], [0, 1]], l: [[1, 0], [0.25, 1]], permutation: [1, 0], sign: -1
 */
export const lu = (a: Tensor): Lu => {
  const [packed, permutation, sign] = apply(luOp, null, [a]) as readonly [Tensor, Int, Tensor]
  const strict = lowerTriangle(packed, true)
  return { l: where(onDiagonal(...sizesOf(a)), onesLike(a), strict) as Tensor, u: upperTriangle(packed), packed, permutation, sign }
}
