/**
 * The pairs of Broyden's method: H = -I + sum u_i v_i' over rows of U and V, in a ring. A row that takes no part is masked by its
 * weights and never rewritten, since a pass over all rows costs as much as f often does: a turn reads U and V twice each and writes
 * them once.
 *
 * The oldest pair is dropped before the new one is made (else the secant equation fails once the memory is full), and a pair with a
 * vanishing denominator is skipped.
 */
import { epsilon, type Tensor, type Unchecked } from "../../core/index.js"
import {
  abs,
  add,
  and,
  broadcastTo,
  div,
  dot,
  einsum,
  equal,
  expandAxis,
  finite,
  full,
  indexAxis,
  iota,
  less,
  mul,
  norm,
  roll,
  sqrt,
  stack,
  sub,
  where,
  zerosLike,
} from "../../ops/index.js"
import type { BroydenUpdate } from "../spec/index.js"
import type { Scalar, Vector } from "./algorithm.js"
import { combine, emptyRows, project } from "./basis.js"
import { choose, number, type Truth } from "./parts.js"

export interface Pairs extends Record<string, Vector> {
  readonly U: Vector
  readonly V: Vector
  /** 1 for rows that hold a pair. */
  readonly used: Vector
  /** 1 for the row that is written next: an unused one, or the oldest. */
  readonly next: Vector
}

export const noPairs = (memory: number, n: number): Pairs => {
  const rows = emptyRows(memory, n)
  const first = where(
    equal(iota(memory), 0) as Tensor<Unchecked, "bool">,
    full([memory], 1) as Vector,
    full([memory], 0) as Vector,
  ) as Vector
  return { U: rows, V: rows, used: full([memory], 0) as Vector, next: first }
}

export interface Secant {
  /** With the pair of (dz, dg), where it says something. */
  readonly pairs: Pairs
  /** H g, with that pair. */
  readonly Hg: Vector
}

/** Where `accepted`; nothing changes elsewhere. `forget`: all pairs before are given up. */
export const withSecant = (
  { U, V, used, next }: Pairs,
  { dz, dg, g }: { readonly dz: Vector; readonly dg: Vector; readonly g: Vector },
  update: BroydenUpdate,
  accepted: Tensor<[], "bool">,
  forget: Tensor<[], "bool">,
): Secant => {
  const [m, n] = U.shape as readonly [number, number]
  const onRows = (p: Tensor<[], "bool">) => broadcastTo(p, [m]) as Tensor<Unchecked, "bool">
  const none = full([m], 0) as Vector
  const before = where(onRows(forget), none, used) as Vector
  // the oldest goes first
  const kept = mul(before, sub(1, next)) as Vector
  // H0 of dg and of g together, so that U and V are read once for both
  const both = stack([dg, g]) as Vector
  const products = einsum("rn,kn->rk", V, both) as Vector
  const H0 = sub(einsum("rn,rk->kn", U, mul(products, expandAxis(kept, 1) as Vector) as Vector), both) as Vector
  const [H0dg, H0g] = [indexAxis(H0, 0, 0) as Vector, indexAxis(H0, 0, 1) as Vector]
  // at the first point there is no step yet, and dg is not a difference
  const v =
    update === "good"
      ? (sub(combine(V, mul(project(U, dz), kept) as Vector), dz) as Vector)
      : choose(less(0, norm(dz)) as Truth, dg, zerosLike(dg))
  const den = dot(v, dg) as Scalar
  const usable = and(accepted, and(finite(den), less(mul(sqrt(epsilon()), mul(norm(v), norm(dg))), abs(den)))) as Tensor<[], "bool">
  const u = div(sub(dz, H0dg), where(usable, den, number(1))) as Vector
  // without a new pair, the oldest is still there
  const spared = mul(before, next) as Vector
  const oldest = mul(combine(U, spared), dot(indexAxis(products, 1, 1) as Vector, spared)) as Vector
  const written = expandAxis(mul(next, where(usable, number(1), number(0))) as Vector, 1)
  const rowOf = (rows: Vector, x: Vector): Vector =>
    where(
      broadcastTo(less(0.5, written), [m, n]) as Tensor<Unchecked, "bool">,
      broadcastTo(expandAxis(x, 0), [m, n]) as Vector,
      rows,
    ) as Vector
  return {
    pairs: {
      U: rowOf(U, u),
      V: rowOf(V, v),
      used: where(onRows(usable), add(kept, next) as Vector, where(onRows(accepted), before, used) as Vector) as Vector,
      next: where(onRows(usable), roll(next, 1), next) as Vector,
    },
    Hg: add(H0g, where(broadcastTo(usable, [n]) as Tensor<Unchecked, "bool">, mul(u, dot(v, g)) as Vector, oldest)) as Vector,
  }
}
