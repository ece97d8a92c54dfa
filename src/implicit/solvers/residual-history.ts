/**
 * The differences of residuals that Anderson acceleration keeps, as an orthonormal basis and the coordinates of each difference in
 * it, updated and not made anew: a pass over all of them costs as much as f often does.
 *
 * A new difference is made orthogonal to the basis (twice is enough, Parlett and Kahan), which gives one more direction; then all is
 * small. The coordinates of the differences that are kept are orthonormalised from the newest to the oldest, in as many dimensions as
 * there are directions; one that adds less than `drop` of its length is left out. The same small matrix turns the basis.
 */
import { epsilon, type Tensor } from "../../core/index.js"
import {
  add,
  concat,
  div,
  einsum,
  exp,
  expandAxis,
  eye,
  full,
  indexAxis,
  less,
  log,
  max,
  mul,
  norm,
  or,
  reshape,
  sliceAxis,
  stack,
  sub,
  where,
  zerosLike,
} from "../../ops/index.js"
import type { Scalar, Vector } from "./algorithm.js"
import { type Basis, combine, emptyRows, orthogonalise, project, pushRow } from "./basis.js"
import { choose } from "./parts.js"

export interface History extends Record<string, Vector> {
  /** [m, n]: rows orthonormal or zero. */
  readonly Q: Vector
  /** [m, m]: row i are the coordinates of difference i, the newest last. */
  readonly C: Vector
}

export const noHistory = (m: number, n: number): History => ({ Q: emptyRows(m, n), C: emptyRows(m, m) })

export interface Fit {
  readonly history: History
  /** The weights of the differences that fit g best, and what they make. */
  readonly gamma: Vector
  readonly fitted: Vector
}

const unitVector = (m: number, i: number): Vector => indexAxis(eye(m), 0, i) as Vector
const asRow = (x: Vector): Vector => reshape(x, [1, ...x.shape]) as Vector

/** An orthonormal basis of rows from the last to the first, with its pre-images. */
const orthonormal = (rows: Vector): Basis => {
  const [m, n] = rows.shape as readonly [number, number]
  const drop = exp(mul(log(epsilon()), 5 / 8)) as Scalar
  let basis: Basis = { Q: emptyRows(m, n), T: emptyRows(m, m) }
  for (let i = m - 1; i >= 0; i--) {
    const { q, t } = orthogonalise(basis, indexAxis(rows, 0, i) as Vector, unitVector(m, i), drop)
    basis = { Q: pushRow(basis.Q, q), T: pushRow(basis.T, t) }
  }
  return basis
}

/**
 * The weights gamma of the rows D: those of the least squares problem |g - gamma D|^2 + lambda |gamma|^2, lambda = ridge max |D_i|^2,
 * through an orthonormal basis. Those of the points f(z_i) in Anderson's next one are differences of gammas, so they sum to 1 whatever
 * the ridge.
 */
export const weights = (D: Vector, g: Vector, ridge: number): Vector => {
  const m = D.shape[0] as number
  if (ridge > 0) {
    // the least squares problem [D, sqrt(lambda) I] with the right side [g, 0]
    const size = mul(max(norm(D, { axes: [1] })), Math.sqrt(ridge))
    return weights(concat([D, mul(eye(m), size)], 1) as Vector, concat([g, full([m], 0)], 0) as Vector, 0)
  }
  const { Q, T } = orthonormal(D)
  return combine(T, project(Q, g))
}

/** What becomes of the history: a difference joins it, it stays as it is, or all of it is forgotten. */
export interface Joining {
  readonly joins: Tensor<[], "bool">
  readonly forgets: Tensor<[], "bool">
}

/**
 * The history with one more difference (the oldest left out), and the least squares fit of g by it. Where none joins, the difference given
 * may be anything.
 */
export const fitWith = ({ Q, C }: History, given: Vector, g: Vector, ridge: number, { joins, forgets }: Joining): Fit => {
  const m = Q.shape[0] as number
  const dg = choose(joins, given, zerosLike(given))
  // both products in one pass over the basis
  const products = einsum("rn,kn->rk", Q, stack([dg, g])) as Vector
  const first = indexAxis(products, 1, 0) as Vector
  const once = sub(dg, combine(Q, first)) as Vector
  const second = project(Q, once)
  const rest = sub(once, combine(Q, second)) as Vector
  const size = norm(rest)
  const direction = div(rest, where(less(0, size), size, full([], 1) as Scalar)) as Vector
  // coordinates in the basis and the new direction: [m, m + 1]
  const coordinates = concat([add(first, second) as Vector, reshape(size, [1]) as Vector], 0) as Vector
  const older = concat([sliceAxis(C, 0, 1, m), full([m - 1, 1], 0) as Vector], 1) as Vector
  const all = m === 1 ? asRow(coordinates) : (concat([older, asRow(coordinates)], 0) as Vector)
  const before = concat([C, full([m, 1], 0)], 1) as Vector
  const rows = choose(forgets, zerosLike(all), choose(joins, all, before))
  const seen = concat([indexAxis(products, 1, 1) as Vector, reshape(einsum("n,n->", direction, g) as Scalar, [1]) as Vector], 0) as Vector
  const small = orthonormal(rows)
  const gamma = ridge > 0 ? weights(rows, seen, ridge) : combine(small.T, project(small.Q, seen))
  const within = combine(rows, gamma)
  const [turn, along] = [sliceAxis(small.Q, 1, 0, m) as Vector, indexAxis(small.Q, 1, m) as Vector]
  return {
    history: choose(
      or(joins, forgets) as Tensor<[], "bool">,
      {
        Q: add(einsum("ij,jn->in", turn, Q), mul(expandAxis(along, 1), expandAxis(direction, 0))) as Vector,
        C: einsum("ik,jk->ij", rows, small.Q) as Vector,
      },
      { Q, C },
    ),
    gamma,
    fitted: add(combine(Q, sliceAxis(within, 0, 0, m) as Vector), mul(direction, indexAxis(within, 0, m) as Scalar)) as Vector,
  }
}
