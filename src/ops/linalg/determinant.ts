/** Determinants, from triangular factors. */
import type { Tensor } from "../../core/index.js"
import { div, mul } from "../arithmetic.js"
import { stopGradient } from "../cast.js"
import { equal, where } from "../compare.js"
import { full, onesLike, zerosLike } from "../constants.js"
import { scan } from "../control/index.js"
import { log } from "../elementary.js"
import { sum } from "../reduce.js"
import { moveAxis } from "../shape.js"
import { abs } from "../sign.js"
import { cholesky } from "./cholesky.js"
import { lu } from "./lu.js"
import { type Bool, diagonalOf } from "./matrices.js"

/** The product along the last axis. */
const product = (x: Tensor): Tensor =>
  scan((total: Tensor, factor: Tensor) => [mul(total, factor), null], full(x.shape.slice(0, -1), 1), moveAxis(x, -1, 0))[0] as Tensor

/** -1, 0, 1, or NaN. */
const signOf = (x: Tensor): Tensor => {
  const zero = equal(x, 0) as Bool
  return where(zero, zerosLike(x), div(x, where(zero, onesLike(x), abs(x)) as Tensor) as Tensor) as Tensor
}

/**
 * The determinants of square matrices: [.., n, n] -> [..]. It may overflow where `slogdet` does not. Its derivative, det(A)
 * tr(A^-1 A'), is computed by factors and NaN or infinite at a singular matrix.
 *
 * @throws TraceError for matrices that are not square.
 * @example
 * det(tensor([[1, 2], [3, 4]])) // -2
 */
export const det = (a: Tensor): Tensor => {
  const { packed, sign } = lu(a)
  return mul(sign, product(diagonalOf(packed))) as Tensor
}

/** A determinant as its sign and the logarithm of its size. */
export interface SignAndLog {
  /** -1, 0 or 1. */
  readonly sign: Tensor
  /** log |det A|; -Infinity for a singular matrix. */
  readonly logabs: Tensor
}

/**
 * Sign and logarithm of the absolute value of determinants: [.., n, n] -> [..] each, for any size of the determinant. A
 * singular matrix has the sign 0 and -Infinity; NaN in a matrix gives NaN. The derivative of the logarithm is tr(A^-1 A'); that of the sign is 0.
 *
 * @throws TraceError for matrices that are not square.
 * @example
 * slogdet(tensor([[1, 2], [3, 4]])) // sign -1, logabs log 2
 */
export const slogdet = (a: Tensor): SignAndLog => {
  const { packed, sign } = lu(a)
  const pivots = diagonalOf(packed)
  const last = pivots.shape.length - 1
  return {
    sign: stopGradient(mul(sign, product(signOf(pivots)))) as Tensor,
    logabs: sum(log(abs(pivots)), [last]) as Tensor,
  }
}

/**
 * log det of symmetric positive definite matrices, by their Cholesky factors: [.., n, n] -> [..]. Of the symmetric part; NaN where
 * that is not positive definite. The derivative is tr(A^-1 A').
 *
 * @throws TraceError for matrices that are not square.
 * @example
 * logdet(tensor([[4, 2], [2, 5]])) // log 16
 */
export const logdet = (a: Tensor): Tensor => {
  const pivots = diagonalOf(cholesky(a))
  return mul(sum(log(pivots), [pivots.shape.length - 1]) as Tensor, 2) as Tensor
}
