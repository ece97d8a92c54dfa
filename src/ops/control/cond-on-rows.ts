/** cond with a predicate that has row axes from the start: for rules that decide row by row, as vmap would. */
import { type AnyTensor, apply, bodyOf, type Tensor, type Unchecked } from "../../core/index.js"
import { condOp } from "./cond.js"
import type { CondOperand } from "./cond-params.js"

/**
 * A branch that no row takes does not run; rows that don't take it compute on copies of one that does (tangents: on zeros).
 * `outputs` says how many row axes each result carries. Branches see their operands only and capture nothing.
 *
 * @example
 * condOnRows(finite(residual), operands, [1], (args) => refine(args), (args) => args)
 */
export const condOnRows = (
  predicate: Tensor<Unchecked, "bool">,
  operands: readonly (CondOperand & { readonly value: AnyTensor })[],
  outputs: readonly number[],
  whenTrue: (operands: readonly AnyTensor[]) => readonly AnyTensor[],
  whenFalse: (operands: readonly AnyTensor[]) => readonly AnyTensor[],
): readonly AnyTensor[] => {
  const values = operands.map((o) => o.value)
  const close = (branch: typeof whenTrue) =>
    bodyOf(
      "cond",
      values.map((t) => t.type),
      branch,
    )
  return apply(
    condOp,
    {
      rows: predicate.shape.length,
      operands: operands.map(({ rows, mask }) => ({ rows, mask })),
      outputs,
      whenTrue: close(whenTrue),
      whenFalse: close(whenFalse),
    },
    [predicate, ...values],
  )
}
