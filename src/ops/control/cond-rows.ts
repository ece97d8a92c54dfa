/** Lowering of cond with a row predicate: each branch runs if any row takes it, on copies where rows don't. */
import {
  type AnyTensor,
  bodyOf,
  broadcastAlong,
  type Graph,
  inline,
  outputTypes,
  type Tensor,
  type TensorType,
  type Unchecked,
  zerosOf,
} from "../../core/index.js"
import { add } from "../arithmetic.js"
import { not, or, where } from "../compare.js"
import { any } from "../reduce.js"
import type { CondParams } from "./cond-params.js"
import { planRows } from "./rows.js"

type Bool = Tensor<Unchecked, "bool">
type Cond = (p: Tensor<[], "bool">, whenTrue: () => readonly AnyTensor[], whenFalse: () => readonly AnyTensor[]) => readonly AnyTensor[]

export const lowerRowCond = (params: CondParams, inputs: readonly TensorType[], cond: Cond): Graph =>
  bodyOf("cond", inputs, ([p, ...operands]) => {
    const predicate = p as Bool
    const side = (taken: Bool, branch: Graph) =>
      cond(
        any(taken) as Tensor<[], "bool">,
        () => {
          const rows = planRows(taken)
          const given = operands.map((x, i) => {
            const { rows: k, mask } = params.operands[i] as CondParams["operands"][number]
            return mask ? rows.masked(x, k) : rows.copied(x, k)
          })
          return inline(branch, given).map((y, i) => rows.masked(y, params.outputs[i] as number))
        },
        () => outputTypes(branch).map(zerosOf),
      )
    const [yes, no] = [side(predicate, params.whenTrue), side(not(predicate), params.whenFalse)]
    return yes.map((a, i) => together(predicate, params.outputs[i] as number, a, no[i] as AnyTensor))
  })

/** Rows are chosen where an output carries them all; else the branches' parts, zero in rows not taken, add up. */
const together = (predicate: Bool, k: number, a: AnyTensor, b: AnyTensor): AnyTensor => {
  if (k === predicate.shape.length)
    return where(
      broadcastAlong(
        predicate,
        a.shape,
        predicate.shape.map((_, i) => i),
      ) as Bool,
      a as Tensor,
      b as Tensor,
    )
  return a.type.elem === "bool" ? or(a as Bool, b as Bool) : add(a as Tensor, b as Tensor)
}
