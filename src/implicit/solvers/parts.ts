/** Numbers, choices and verdicts that algorithms share. */
import { broadcastAlong, flatten, type SolveStatus, type Tensor, type Unchecked, unflatten } from "../../core/index.js"
import { full, where } from "../../ops/index.js"
import { codeOf } from "../status.js"
import type { Scalar } from "./algorithm.js"

export type Truth = Tensor<[], "bool">

export const number = (x: number): Scalar => full([], x) as Scalar

/** 1 where it holds, else 0: what a state carries and an `Ask` takes. */
export const flag = (p: Truth): Scalar => where(p, number(1), number(0)) as Scalar

/** `a` where the truth value holds, else `b`: trees of one structure, chosen whole. */
export const choose = <T>(p: Truth, a: T, b: T): T => {
  const [x, y] = [flatten("solver", a), flatten("solver", b)]
  return unflatten(
    x.structure,
    x.leaves.map((t, i) => where(broadcastAlong(p, t.shape, []) as Tensor<Unchecked, "bool">, t as Tensor, y.leaves[i] as Tensor)),
  ) as T
}

/** The code of the first status that holds, 0 where none does. */
export const verdictOf = (...cases: readonly (readonly [Truth, SolveStatus])[]): Scalar =>
  cases.reduceRight<Scalar>((rest, [holds, status]) => where(holds, number(codeOf(status)), rest) as Scalar, number(0))
