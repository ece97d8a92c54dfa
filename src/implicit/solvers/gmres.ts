/**
 * GMRES without triangular systems (Walker and Zhou 1994): q_k is M p_k made orthonormal to the q before it, t_k its pre-image
 * (M t_k = q_k). Then x += <r, q_k> t_k and r -= <r, q_k> q_k, so that |r| is known at every step and a restart needs no
 * back-substitution. The next direction is the residual where the step made it fall, else q_k (Jiranek and Rozloznik 2010): so the
 * directions stay far from dependent, and a cyclic shift, which makes no progress for n - 1 steps, is solved at the n-th.
 *
 * A cycle only: who asks for the products is the Newton-Krylov method, of which GMRES for a linear system is the case that is
 * solved as exactly as the tolerance asks.
 */
import { epsilon } from "../../core/index.js"
import { add, and, div, dot, equal, full, less, lessEqual, mul, norm, sub, where, zerosLike } from "../../ops/index.js"
import type { Scalar, Vector } from "./algorithm.js"
import { emptyRows, orthogonalise, pushRow } from "./basis.js"

/** One cycle: where it is, and the solution so far relative to its start. */
export interface Cycle extends Record<string, Vector> {
  readonly Q: Vector
  readonly T: Vector
  /** The direction whose product comes next. */
  readonly p: Vector
  readonly r: Vector
  readonly x: Vector
  readonly steps: Scalar
  /** 1 when the directions are used up: nothing was left of the last product. */
  readonly spent: Scalar
}

/** A cycle for M x = r of at most `memory` products. */
export const beginCycle = (r: Vector, memory: number): Cycle => {
  const n = r.shape[0] as number
  const size = norm(r)
  return {
    Q: emptyRows(memory, n),
    T: emptyRows(memory, n),
    p: div(r, where(equal(size, 0), full([], 1) as Scalar, size)) as Vector,
    r,
    x: zerosLike(r),
    steps: full([], 0) as Scalar,
    spent: full([], 0) as Scalar,
  }
}

/** Of a direction that keeps less than this part of its length, what is left is rounding. */
const drop = (): Scalar => mul(epsilon(), 8)

/** A cycle after the product of its direction. */
export const advanceCycle = (c: Cycle, product: Vector): Cycle => {
  const made = orthogonalise({ Q: c.Q, T: c.T }, product, c.p, drop())
  // Of q = M t nothing is known where the rounding in it, epsilon |M| |t|, is of its own size. Each such t would be made of the
  // one before: six of them are out of float32's range.
  const kept = and(made.kept, less(mul(mul(norm(product), norm(made.t)), drop()), 1))
  const [q, t] = [where(kept, made.q, zerosLike(made.q)), where(kept, made.t, zerosLike(made.t))]
  const step = dot(c.r, q) as Scalar
  const r = sub(c.r, mul(q, step)) as Vector
  const [before, size] = [norm(c.r), norm(r)]
  const falls = and(less(0, size), lessEqual(size, mul(before, 0.9)))
  return {
    Q: pushRow(c.Q, q),
    T: pushRow(c.T, t),
    p: where(falls, div(r, where(falls, size, full([], 1) as Scalar)) as Vector, where(kept, q, c.p)),
    r,
    x: add(c.x, mul(t, step)) as Vector,
    steps: add(c.steps, 1) as Scalar,
    spent: where(kept, c.spent, full([], 1) as Scalar) as Scalar,
  }
}
