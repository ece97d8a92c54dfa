/** Numbers, choices and verdicts that algorithms share. */
import { broadcastAlong, type SolveStatus, type Tensor, type Unchecked } from "../../core/index.js"
import { full, where } from "../../ops/index.js"
import { codeOf } from "../status.js"
import type { Scalar, Vector } from "./algorithm.js"

export type Truth = Tensor<[], "bool">

export const number = (x: number): Scalar => full([], x) as Scalar

/** 1 where it holds, else 0: what a state carries and an `Ask` takes. */
export const flag = (p: Truth): Scalar => where(p, number(1), number(0)) as Scalar

/** `a` where the truth value holds, else `b`: tensors of one shape, chosen whole. */
export const choose = <T extends Vector>(p: Truth, a: T, b: T): T =>
  where(broadcastAlong(p, a.shape, []) as Tensor<Unchecked, "bool">, a as Vector, b as Vector) as T

/** The code of the first status that holds, 0 where none does. */
export const verdictOf = (...cases: readonly (readonly [Truth, SolveStatus])[]): Scalar =>
  cases.reduceRight<Scalar>((rest, [holds, status]) => where(holds, number(codeOf(status)), rest) as Scalar, number(0))
