/** Numbers, choices and verdicts that algorithms share. */
import { broadcastAlong, flatten, type SolveStatus, type Tensor, type Unchecked, unflatten } from "../../core/index.js"
import { full, where } from "../../ops/index.js"
import { codeOf } from "../status.js"
import type { Scalar } from "./algorithm.js"

export type Truth = Tensor<[], "bool">

export const number = (x: number): Scalar => full([], x) as Scalar

/** 1 where it holds, else 0: what a state carries and an `Ask` takes. */
export const flag = (p: Truth): Scalar => where(p, number(1), number(0)) as Scalar

/** Truth values, one a row (a single one inside a solver, which sees one row). */
export type Truths = Tensor<Unchecked, "bool">

/**
 * Tensors of `a` where p, else of `b`, through whole trees: the axes of p are the first ones of every tensor. Never by arithmetic, which
 * would let NaN through.
 */
export const choose = <T>(p: Truths, a: T, b: T): T => {
  const [x, y] = [flatten("solver", a), flatten("solver", b)]
  const rows = p.shape.map((_, i) => i)
  return unflatten(
    x.structure,
    x.leaves.map((t, i) => where(broadcastAlong(p, t.shape, rows) as Truths, t as Tensor, y.leaves[i] as Tensor)),
  ) as T
}

/** The code of the first status that holds, 0 where none does. */
export const verdictOf = (...cases: readonly (readonly [Truth, SolveStatus])[]): Scalar =>
  cases.reduceRight<Scalar>((rest, [holds, status]) => where(holds, number(codeOf(status)), rest) as Scalar, number(0))
