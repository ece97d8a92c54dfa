/** Dense linear systems in the language: Gauss-Jordan elimination with partial pivoting, one column a turn of a scan. */
import { epsilon, type Tensor, type Unchecked } from "../../core/index.js"
import {
  abs,
  and,
  argmax,
  broadcastTo,
  concat,
  div,
  einsum,
  equal,
  expandAxis,
  finite,
  full,
  indexAxis,
  iota,
  less,
  max,
  mul,
  not,
  or,
  reshape,
  scan,
  sliceAxis,
  sub,
  take,
  where,
  zerosLike,
} from "../../ops/index.js"
import type { Scalar, Vector } from "./algorithm.js"

type Int = Tensor<Unchecked, "int">

export interface Solved {
  /** [n, k] */
  readonly x: Vector
  /** Whether a pivot was below n epsilon times the largest element: the matrix is singular to working precision. */
  readonly singular: Tensor<[], "bool">
  /** The largest element over the smallest pivot: an estimate of the condition, infinite where a pivot is 0 or an element is not finite. */
  readonly condition: Scalar
}

/** Solves a [n, n] for the columns of b [n, k]. */
export const solveDense = (a: Vector, b: Vector): Solved => {
  const n = a.shape[0] as number
  const both = concat([a, b], 1)
  const rows = iota(n) as Int
  const turn = (carry: { readonly m: Vector; readonly smallest: Scalar }, column: Tensor<[], "int">) => {
    const { m } = carry
    const k = broadcastTo(column, [n]) as Int
    const at = (index: Tensor<[], "int">) => indexAxis(take(m, reshape(index, [1]) as Int), 0, 0) as Vector
    const entries = indexAxis(take(m, reshape(column, [1]) as Int, 1), 1, 0) as Vector
    const candidates = where(less(rows, k), full([n], -1) as Vector, abs(entries))
    const pivotRow = argmax(candidates, 0) as Tensor<[], "int">
    const p = broadcastTo(pivotRow, [n]) as Int
    const size = max(candidates) as Scalar
    // swap rows k and p
    const isK = equal(rows, k)
    const isP = equal(rows, p)
    const swapped = take(m, where(isK, p, where(isP, k, rows)) as Int) as Vector
    const pivot = at(pivotRow)
    const head = indexAxis(take(pivot, reshape(column, [1]) as Int), 0, 0) as Scalar
    const scaled = div(pivot, where(equal(head, 0), full([], 1) as Scalar, head)) as Vector
    const column2 = indexAxis(take(swapped, reshape(column, [1]) as Int, 1), 1, 0) as Vector
    const factor = where(isK, zerosLike(column2), column2)
    const eliminated = sub(swapped, einsum("i,j->ij", factor, scaled)) as Vector
    const next = where(expandAxis(isK, 1) as Tensor<Unchecked, "bool">, expandAxis(scaled, 0) as Vector, eliminated) as Vector
    return [{ m: next, smallest: where(less(size, carry.smallest), size, carry.smallest) }, null] as const
  }
  const largest = max(abs(a)) as Scalar
  const [{ m, smallest }] = scan(turn, { m: both, smallest: full([], Number.POSITIVE_INFINITY) }, rows) as readonly [
    { readonly m: Vector; readonly smallest: Scalar },
    null,
  ]
  const singular = or(not(finite(largest)), not(less(mul(mul(largest, n), epsilon()), smallest)))
  const usable = and(finite(largest), less(0, smallest))
  const condition = where(usable, div(largest, where(usable, smallest, 1)), Number.POSITIVE_INFINITY) as Scalar
  return { x: sliceAxis(m, 1, n, n + (b.shape[1] as number)), singular: singular as Tensor<[], "bool">, condition }
}
