/**
 * Orthonormal directions with their pre-images: rows q_i of Q are orthonormal and q_i = D t_i for rows t_i of T. With pre-images
 * at hand no triangular system is left to solve. Shared by Anderson (D the differences of residuals) and GMRES (D the operator).
 */
import { concat, div, einsum, full, less, mul, norm, reshape, slice, sub, where, zerosLike } from "../../ops/index.js"
import type { Scalar, Vector } from "./algorithm.js"

export interface Basis {
  readonly Q: Vector
  readonly T: Vector
}

/** No directions yet: rows of zeros take no part in anything. */
export const emptyRows = (rows: number, n: number): Vector => full([rows, n], 0)

/** The combination of rows: [r, n], [r] -> [n]. */
export const combine = (rows: Vector, weights: Vector): Vector => einsum("rn,r->n", rows, weights)

/** Inner products with rows: [r, n], [n] -> [r]. */
export const project = (rows: Vector, x: Vector): Vector => einsum("rn,n->r", rows, x)

/**
 * `w` made orthogonal to the basis and normalised, its pre-image `tw` with it. Gram-Schmidt twice is enough (Parlett and Kahan).
 * A direction of which less than the part `drop` of its length is left is dropped.
 */
export const orthogonalise = ({ Q, T }: Basis, w: Vector, tw: Vector, drop: Scalar) => {
  const once = (x: Vector, tx: Vector): readonly [Vector, Vector] => {
    const h = project(Q, x)
    return [sub(x, combine(Q, h)), sub(tx, combine(T, h))]
  }
  const [a, b] = once(...once(w, tw))
  const left = norm(a)
  const kept = less(mul(norm(w), drop), left)
  const size = where(kept, left, 1)
  const scaled = (x: Vector): Vector => where(kept, div(x, size), zerosLike(x))
  return { q: scaled(a), t: scaled(b), kept }
}

/** Rows with the oldest (the first) dropped and `x` added at the end. */
export const pushRow = (rows: Vector, x: Vector): Vector => {
  const row = reshape(x, [1, ...x.shape]) as Vector
  return rows.shape[0] === 1 ? row : concat([slice(rows, { start: [1, 0] }), row], 0)
}
