/** QR factors by Householder reflections, and least squares. */
import { type AnyTensor, apply, bodyOf, defineOp, type Op, showType, type Tensor, type TensorType, TraceError } from "../../core/index.js"
import { add, div, mul, neg, sub } from "../arithmetic.js"
import { cast } from "../cast.js"
import { equal, less, where } from "../compare.js"
import { full, onesLike } from "../constants.js"
import { scan } from "../control/index.js"
import { einsum } from "../einsum.js"
import { sqrt } from "../elementary.js"
import { take } from "../gather.js"
import { iota } from "../iota.js"
import { matmul } from "../matmul.js"
import { square } from "../power.js"
import { max, sum } from "../reduce.js"
import { expandAxis } from "../shape.js"
import { abs } from "../sign.js"
import { sliceAxis } from "../slice-pad.js"
import {
  aligned,
  type Bool,
  diagonalOf,
  type Int,
  lowerTriangle,
  onDiagonal,
  onEach,
  requireMatrices,
  sizesOf,
  swapped,
  upperTriangle,
} from "./matrices.js"
import { solveTriangle } from "./triangular-solve.js"

/** A unless it is 0, then 1: what can be divided by. */
const divisor = (x: Tensor): Tensor => where(equal(x, 0) as Bool, onesLike(x), x) as Tensor

/** (I - 2 w w^T) x for a unit vector w, or for w = 0. */
const reflect = (w: Tensor, x: Tensor): Tensor =>
  sub(x, mul(expandAxis(mul(w, 2) as Tensor, 1), expandAxis(einsum("i,ij->j", w, x), 0)) as Tensor) as Tensor

/**
 * One matrix. Each column under its diagonal is reflected onto a multiple of a unit vector, away from the sign it has, so that
 * nothing cancels; it is scaled first, so that squares neither overflow nor vanish. Q is the product of the reflections, applied to
 * the first columns of the identity in reverse order. Signs are such that the diagonal of R is not negative.
 */
const householder = (a: Tensor): readonly AnyTensor[] => {
  const [m, n] = sizesOf(a)
  const rows = iota(m) as Int
  const turn = (rest: Tensor, at: Int) => {
    const column = where(less(rows, at) as Bool, full([m], 0), take(rest, at, 1)) as Tensor
    const x = div(column, divisor(max(abs(column)) as Tensor)) as Tensor
    const head = take(x, at)
    const length = sqrt(sum(square(x)) as Tensor)
    const away = where(less(head, 0) as Bool, neg(length), length) as Tensor
    const v = where(equal(rows, at) as Bool, add(x, away), x) as Tensor
    const w = div(v, divisor(sqrt(sum(square(v)) as Tensor))) as Tensor
    return [reflect(w, rest), w] as const
  }
  const [triangle, reflections] = scan(turn, a, iota(n)) as readonly [Tensor, Tensor]
  const back = (x: Tensor, w: Tensor) => [reflect(w, x), null] as const
  // nothing is stacked: the second result is null
  const [q] = scan(back, cast(onDiagonal(m, n), "float"), reflections, { reverse: true }) as unknown as [Tensor]
  const r = sliceAxis(triangle, 0, 0, n)
  const diagonal = diagonalOf(r)
  const signs = where(less(diagonal, 0) as Bool, full([n], -1), full([n], 1)) as Tensor
  return [mul(q, expandAxis(signs, 0)) as AnyTensor, upperTriangle(mul(r, expandAxis(signs, 1)) as Tensor)]
}

/**
 * A [.., m, n] with m >= n -> Q [.., m, n] and R [.., n, n].
 *
 * Derivative (Walter and Lehmann 2010, "Algorithmic differentiation of linear algebra functions", section 3.3). From A = Q R, with
 * C = A' R^-1: C = Q' + Q R' R^-1. Q^T Q' = S is skew symmetric since Q^T Q = I, and R' R^-1 is upper triangular, so the strict
 * lower triangle of Q^T C is that of S, which makes S. Then R' = (Q^T C - S) R and Q' = C - Q (Q^T C - S).
 */
export const qrOp: Op<null> = defineOp<null>({
  name: "qr",
  type: (_params, [a]) => {
    const t = a as TensorType
    requireMatrices("qr", t)
    const [m, n] = t.shape.slice(-2) as [number, number]
    if (m < n)
      throw new TraceError(
        `qr: expected at least as many rows as columns, found ${showType(t)}; factor the transpose, A^T = Q R gives A = R^T Q^T`,
      )
    return [t, { elem: "float", shape: [...t.shape.slice(0, -2), n, n] }]
  },
  jvp: (_params, _inputs, [qOut, rOut], [da]) => {
    const [q, r] = [qOut as Tensor, rOut as Tensor]
    // C R = A' is R^T C^T = A'^T
    const c = swapped(solveTriangle(r, swapped(da as Tensor), { lower: false, transposed: true }))
    const along = matmul(swapped(q), c) as Tensor
    const strict = lowerTriangle(along, true)
    const upper = sub(along, sub(strict, swapped(strict)) as Tensor) as Tensor
    return [sub(c, matmul(q, upper) as Tensor) as AnyTensor, matmul(upper, r) as AnyTensor]
  },
  batch: (_params, [a]) => ({ outputs: apply(qrOp, null, [a as AnyTensor]), batched: [true, true] }),
  lower: (_params, [t]) => ({
    t: "graph",
    graph: bodyOf("qr", [t as TensorType], ([a]) => onEach(householder, (a as Tensor).shape.length - 2)(a as Tensor)),
  }),
  cheap: false,
  example: (choose) => {
    const n = choose.int(1, 3)
    return {
      params: null,
      inputs: [{ elem: "float", shape: [...choose.shape(1), choose.int(n, 4), n] }],
      domains: [{ t: "dominant", anywhere: true }],
    }
  },
})

/** A reduced QR factorisation. */
export interface Qr {
  /** [.., m, n], with orthonormal columns. */
  readonly q: Tensor
  /** [.., n, n], upper triangular with a diagonal that is not negative. */
  readonly r: Tensor
}

/**
 * The reduced QR factors of matrices [.., m, n] with m >= n, by Householder reflections. The diagonal of R is not negative, which
 * makes the factors of a matrix of full rank unique (NumPy and JAX leave the signs open).
 *
 * Q is orthonormal to rounding whatever the rank; a matrix of lower rank has a zero, or what rounding makes of it, on the diagonal of R, and
 * derivatives are large, infinite or NaN there. Backward error: of the order m n eps |A| (Higham 2002, theorem 19.4).
 *
 * @throws TraceError for fewer rows than columns.
 * @example
 * qr(tensor([[3], [4]])) // q: [[0.6], [0.8]], r: [[5]]
 */
export const qr = (a: Tensor): Qr => {
  const [q, r] = apply(qrOp, null, [a]) as readonly [Tensor, Tensor]
  return { q, r }
}

/**
 * Least squares: the x that makes |A x - b| smallest, by QR factors. A is [.., m, n] with m >= n and of full rank; b is a vector
 * [m] or [.., m, k]; leading axes are broadcast. A matrix that is not of full rank gives large numbers, infinities or NaN, in that
 * system alone.
 *
 * @throws TraceError for fewer rows than columns, or right sides that don't fit.
 * @example
 * lstsq(tensor([[1, 0], [1, 1], [1, 2]]), tensor([1, 3, 5])) // [1, 2]: the line 1 + 2 t
 */
export const lstsq = (a: Tensor, b: Tensor): Tensor => {
  const fit = aligned("lstsq", a, b)
  if (fit.b.shape.at(-2) !== fit.a.shape.at(-2))
    throw new TraceError(`lstsq: ${showType(a.type)} and ${showType(b.type)} have different numbers of rows`)
  const { q, r } = qr(fit.a)
  return fit.restore(solveTriangle(r, matmul(swapped(q), fit.b) as Tensor, { lower: false }))
}
