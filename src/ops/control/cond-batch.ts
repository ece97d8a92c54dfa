/** cond on rows: with a batched predicate it gets a row axis; else its branches work on all rows. */
import { type AnyTensor, apply, asBatched, batchBody, type Op } from "../../core/index.js"
import type { CondParams } from "./cond-params.js"

export const batchCond = (
  op: Op<CondParams>,
  params: CondParams,
  inputs: readonly AnyTensor[],
  batched: readonly boolean[],
  size: number,
) => {
  const [predicate, ...operands] = inputs as readonly [AnyTensor, ...AnyTensor[]]
  const byRow = (batched[0] as boolean) || params.rows > 0
  // An operand that carries rows must carry the new axis too: rows are axes in front.
  const flags = operands.map((_, i) => (batched[i + 1] as boolean) || (byRow && (params.operands[i]?.rows ?? 0) > 0))
  const run = (force: readonly boolean[] | "all" | "none") => {
    const yes = batchBody("cond", params.whenTrue, flags, size, force)
    const no = batchBody("cond", params.whenFalse, flags, size, force)
    return { yes, no, either: yes.batched.map((b, i) => b || (no.batched[i] as boolean)) }
  }
  const made = byRow ? run("all") : run(run("none").either)
  const outs = apply(
    op,
    {
      rows: params.rows + (byRow ? 1 : 0),
      operands: params.operands.map(({ rows, mask }, i) => ({ rows: byRow && flags[i] ? rows + 1 : rows, mask })),
      outputs: params.outputs.map((rows) => (byRow ? rows + 1 : rows)),
      whenTrue: made.yes.graph,
      whenFalse: made.no.graph,
    },
    [
      byRow ? asBatched({ value: predicate, batched: batched[0] as boolean }, size) : predicate,
      ...operands.map((value, i) => (flags[i] ? asBatched({ value, batched: batched[i + 1] as boolean }, size) : value)),
    ],
  )
  return { outputs: outs, batched: byRow ? outs.map(() => true) : made.either }
}
