/** Eigenvalues and eigenvectors of symmetric matrices, by Jacobi rotations. */
import {
  type AnyTensor,
  apply,
  bodyOf,
  defineOp,
  type Elem,
  epsilon,
  type Op,
  type Tensor,
  type TensorType,
  type Unchecked,
} from "../../core/index.js"
import { add, div, mul, neg, sub } from "../arithmetic.js"
import { cast } from "../cast.js"
import { and, equal, finite, less, not, or, where } from "../compare.js"
import { full, onesLike, zerosLike } from "../constants.js"
import { scan, whileLoop } from "../control/index.js"
import { sqrt } from "../elementary.js"
import { take } from "../gather.js"
import { eye } from "../higher.js"
import { iota } from "../iota.js"
import { broadcastTo } from "../lift.js"
import { matmul } from "../matmul.js"
import { square } from "../power.js"
import { all, argmax, max, sum } from "../reduce.js"
import { expandAxis } from "../shape.js"
import { abs } from "../sign.js"
import { sort } from "../sort.js"
import { type Bool, diagonalOf, type Int, mirrored, onDiagonal, onEach, requireSquare, swapped } from "./matrices.js"

/** Jacobi converges quadratically; ten sweeps are many. */
const MOST_SWEEPS = 40

const down = <E extends Elem>(x: Tensor<Unchecked, E>): Tensor<Unchecked, E> => expandAxis(x, 1)
const across = <E extends Elem>(x: Tensor<Unchecked, E>): Tensor<Unchecked, E> => expandAxis(x, 0)

/**
 * Who meets whom in a round of a tournament of n: all pairs meet once in n - 1 rounds (n for an odd number, where one is left over and
 * meets itself). The circle method: i meets round - i, modulo the number of rounds; who would meet itself meets the last one.
 */
const partners = (n: number, round: Int): Int => {
  const rounds = n % 2 === 0 ? n - 1 : n
  const i = iota(n) as Int
  const difference = sub(round, i) as Int
  const other = where(less(difference, 0) as Bool, add(difference, rounds) as Int, difference) as Int
  if (n % 2 === 1) return other
  const last = equal(i, n - 1) as Bool
  const alone = and(equal(other, i) as Bool, not(last))
  const first = argmax(cast(alone, "float"), 0) as Int
  return where(alone, n - 1, where(last, first, other) as Int) as Int
}

interface State {
  readonly a: Tensor
  readonly v: Tensor
}

/**
 * One round: rotations of disjoint pairs (p, q), all at once, each making a_pq zero. With theta = (a_qq - a_pp) / (2 a_pq) the smaller root of
 * t^2 + 2 theta t - 1 = 0 is the tangent of the angle (Golub and Van Loan, section 8.5). Seen from q, theta and t have the
 * other sign, so one formula serves both.
 */
const rotate = ({ a, v }: State, round: Int): State => {
  const n = a.shape[0] as number
  const i = iota(n) as Int
  const other = partners(n, round)
  const meets = and(equal(down(other), across(i)) as Bool, not(equal(down(i), across(i)) as Bool))
  const off = sum(where(meets, a, zerosLike(a)) as Tensor, [1]) as Tensor
  const idle = equal(off, 0) as Bool
  const diagonal = diagonalOf(a)
  const theta = div(sub(take(diagonal, other), diagonal) as Tensor, mul(where(idle, onesLike(off), off) as Tensor, 2) as Tensor) as Tensor
  const root = div(onesLike(theta), add(abs(theta), sqrt(add(square(theta), 1) as Tensor)) as Tensor) as Tensor
  const negative = or(less(theta, 0) as Bool, and(equal(theta, 0) as Bool, less(other, i) as Bool))
  const t = where(idle, zerosLike(root), where(negative, neg(root), root) as Tensor) as Tensor
  const c = div(onesLike(t), sqrt(add(square(t), 1) as Tensor)) as Tensor
  const s = mul(t, c) as Tensor
  const columns = (x: Tensor) => sub(mul(x, across(c)) as Tensor, mul(take(x, other, 1), across(s)) as Tensor) as Tensor
  const half = columns(a)
  const whole = sub(mul(half, down(c)) as Tensor, mul(take(half, other), down(s)) as Tensor) as Tensor
  // rounding must not part a_pq from a_qp: both make the angle of a pair, and a rotation by two angles is none
  return { a: where(meets, zerosLike(whole), mirrored(whole)) as Tensor, v: columns(v) }
}

/** One symmetric matrix: sweeps over all pairs until nothing outside of the diagonal counts. */
const jacobi = (given: Tensor): readonly AnyTensor[] => {
  const n = given.shape[0] as number
  const symmetric = mirrored(given)
  const sound = all(finite(symmetric)) as Bool
  const scale = max(abs(symmetric)) as Tensor
  const outside = (a: Tensor) => max(where(onDiagonal(n, n), zerosLike(a), abs(a)) as Tensor) as Tensor
  // below this, what is left moves no eigenvalue by a rounding of the largest
  const least = div(mul(scale, epsilon()) as Tensor, n) as Tensor
  const sweep = ({ state, left }: { readonly state: State; readonly left: Tensor }) => ({
    state: scan((s: State, round: Int) => [rotate(s, round), null], state, iota(n % 2 === 0 ? n - 1 : n))[0] as State,
    left: sub(left, 1) as Tensor,
  })
  const start = { state: { a: symmetric, v: eye(n) as Tensor }, left: full([], MOST_SWEEPS) as Tensor }
  const { state } = whileLoop(
    ({ state: { a }, left }: typeof start) => and(less(least, outside(a)) as Bool, less(0, left) as Bool),
    sweep,
    start,
  ) as typeof start
  const { values, positions } = sort(diagonalOf(state.a))
  const vectors = take(state.v, positions as Int, 1)
  // the largest component of each, the first of equals, is positive
  const sizes = abs(vectors)
  const largest = argmax(sizes, 0) as Int
  const chosen = sum(where(equal(down(iota(n) as Int), across(largest)) as Bool, vectors, zerosLike(vectors)) as Tensor, [0])
  const signed = mul(vectors, across(where(less(chosen, 0) as Bool, full([n], -1), full([n], 1)) as Tensor)) as Tensor
  const unknown = full([], Number.NaN) as Tensor
  return [where(sound, values, broadcastTo(unknown, [n])) as AnyTensor, where(sound, signed, broadcastTo(unknown, [n, n])) as AnyTensor]
}

/**
 * A [.., n, n], of which the lower triangle is read -> eigenvalues w [.., n], ascending, and orthonormal eigenvectors V [.., n, n], one a column.
 *
 * Derivative (Giles 2008, section 3.1). From A V = V W and V^T V = I, with M = V^T A' V and V' = V C: M = W' + C W - W C, where C is skew
 * symmetric. On the diagonal w_i' = M_ii; off it C_ij = M_ij / (w_j - w_i).
 */
export const eighOp: Op<null> = defineOp<null>({
  name: "eigh",
  type: (_params, [a]) => {
    const t = a as TensorType
    requireSquare("eigh", t)
    return [{ elem: "float", shape: t.shape.slice(0, -1) }, t]
  },
  jvp: (_params, _inputs, [wOut, vOut], [da]) => {
    const [w, v] = [wOut as Tensor, vOut as Tensor]
    const m = matmul(swapped(v), matmul(mirrored(da as Tensor), v) as Tensor) as Tensor
    const n = w.shape.at(-1) as number
    const gaps = sub(expandAxis(w, -2), expandAxis(w, -1)) as Tensor
    const same = broadcastTo(cast(onDiagonal(n, n), "float") as Tensor, gaps.shape) as Tensor
    // on the diagonal the gap is 0 and the quotient not wanted
    const c = div(mul(m, sub(1, same) as Tensor) as Tensor, add(gaps, same) as Tensor) as Tensor
    return [diagonalOf(m) as AnyTensor, matmul(v, c) as AnyTensor]
  },
  batch: (_params, [a]) => ({ outputs: apply(eighOp, null, [a as AnyTensor]), batched: [true, true] }),
  lower: (_params, [t]) => ({
    t: "graph",
    graph: bodyOf("eigh", [t as TensorType], ([a]) => onEach(jacobi, (a as Tensor).shape.length - 2)(a as Tensor)),
  }),
  cheap: false,
  example: (choose) => {
    // one element is its own eigenvalue: linear by chance
    const n = choose.int(2, 4)
    return { params: null, inputs: [{ elem: "float", shape: [...choose.shape(1), n, n] }], domains: [{ t: "dominant", anywhere: false }] }
  },
})

/** Eigenvalues and eigenvectors of symmetric matrices. */
export interface Eigh {
  /** [.., n], ascending. */
  readonly values: Tensor
  /** [.., n, n], an orthonormal one a column. */
  readonly vectors: Tensor
}

/**
 * Eigenvalues and eigenvectors of symmetric matrices [.., n, n] (of the symmetric part), by cyclic Jacobi rotations: A V = V diag(w).
 * The largest component of each eigenvector is positive, the first of equals; that makes them unique where eigenvalues are simple.
 *
 * Derivatives of eigenvectors divide by the gaps between eigenvalues: infinite or NaN where two are equal. Those of eigenvalues do
 * not. A matrix with NaN or infinities has NaN everywhere; the others of a batch are not touched.
 *
 * @throws TraceError for matrices that are not square.
 * @example
 * eigh(tensor([[2, 1], [1, 2]])).values // [1, 3]
 */
export const eigh = (a: Tensor): Eigh => {
  requireSquare("eigh", a.type)
  const [values, vectors] = apply(eighOp, null, [mul(add(a, swapped(a)) as Tensor, 0.5) as Tensor]) as readonly [Tensor, Tensor]
  return { values, vectors }
}
