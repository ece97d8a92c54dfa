/** cond on rows: with a batched predicate it gets a row axis; else its branches work on all rows. */
import {
  type AnyTensor,
  apply,
  asBatched,
  batchBody,
  bodyOf,
  type Graph,
  inline,
  inputTypes,
  type Op,
  rowType,
  type Tensor,
} from "../../core/index.js"
import { moveAxis } from "../shape.js"
import type { CondParams } from "./cond-params.js"

export const batchCond = (
  op: Op<CondParams>,
  params: CondParams,
  inputs: readonly AnyTensor[],
  batched: readonly boolean[],
  size: number,
) => (batched[0] === true ? batchRows(op, params, inputs, batched, size) : batchBehindRows(op, params, inputs, batched.slice(1), size))

/** The predicate differs from row to row: one more row axis, in front of those there are. */
const batchRows = (op: Op<CondParams>, params: CondParams, inputs: readonly AnyTensor[], batched: readonly boolean[], size: number) => {
  const [predicate, ...operands] = inputs as readonly [AnyTensor, ...AnyTensor[]]
  // An operand that carries rows must carry the new axis too: rows are axes in front.
  const flags = operands.map((_, i) => (batched[i + 1] as boolean) || (params.operands[i]?.rows ?? 0) > 0)
  const branch = (graph: Graph) => batchBody("cond", graph, flags, size, "all").graph
  const outs = apply(
    op,
    {
      rows: params.rows + 1,
      operands: params.operands.map(({ rows, mask }, i) => ({ rows: flags[i] ? rows + 1 : rows, mask })),
      outputs: params.outputs.map((rows) => rows + 1),
      whenTrue: branch(params.whenTrue),
      whenFalse: branch(params.whenFalse),
    },
    [predicate, ...operands.map((value, i) => (flags[i] ? asBatched({ value, batched: batched[i + 1] as boolean }, size) : value))],
  )
  return { outputs: outs, batched: outs.map(() => true) }
}

/** The predicate is the same for all: the new axis goes behind the row axes, and what does not have it stays as it is. */
const batchBehindRows = (
  op: Op<CondParams>,
  params: CondParams,
  [predicate, ...operands]: readonly AnyTensor[],
  flags: readonly boolean[],
  size: number,
) => {
  const rows = params.operands.map((o) => o.rows)
  const run = (graph: Graph, force: readonly boolean[] | "none") => {
    const made = batchBody("cond", graph, flags, size, force)
    if (params.rows === 0) return made
    const types = inputTypes(graph).map((t, i) => (flags[i] ? behind(rowType(t, size), rows[i] as number) : t))
    const moved = bodyOf("cond", types, (args) =>
      inline(
        made.graph,
        args.map((t, i) => (flags[i] ? toFront(t, rows[i] as number) : t)),
      ).map((t, i) => (made.batched[i] ? toBack(t, params.outputs[i] as number) : t)),
    )
    return { graph: moved, batched: made.batched }
  }
  const [yes, no] = [run(params.whenTrue, "none"), run(params.whenFalse, "none")]
  const either = yes.batched.map((b, i) => b || (no.batched[i] as boolean))
  const outs = apply(op, { ...params, whenTrue: run(params.whenTrue, either).graph, whenFalse: run(params.whenFalse, either).graph }, [
    predicate as AnyTensor,
    ...operands.map((t, i) => (flags[i] ? toBack(t, rows[i] as number) : t)),
  ])
  return { outputs: outs.map((t, i) => (either[i] ? toFront(t, params.outputs[i] as number) : t)), batched: either }
}

const toBack = (t: AnyTensor, rows: number): AnyTensor => (rows === 0 ? t : moveAxis(t as Tensor, 0, rows))
const toFront = (t: AnyTensor, rows: number): AnyTensor => (rows === 0 ? t : moveAxis(t as Tensor, rows, 0))
const behind = ({ elem, shape: [size, ...rest] }: AnyTensor["type"], rows: number) => ({
  elem,
  shape: [...rest.slice(0, rows), size as number, ...rest.slice(rows)],
})
