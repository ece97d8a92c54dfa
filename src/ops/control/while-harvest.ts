/**
 * What a loop's body emits is carried along and merged turn by turn. With rows the carry has a log for each row, and each tells
 * of the turns that its row took part in; the row with the most turns tells of all.
 */
import {
  type AnyTensor,
  apply,
  bodyOf,
  broadcastAlong,
  type Emission,
  type Harvest,
  harvestGraph,
  inline,
  inputTypes,
  type Op,
  outputTypes,
  sizeOf,
  type Tensor,
  type TensorType,
  zerosOf,
} from "../../core/index.js"
import { add } from "../arithmetic.js"
import { take } from "../gather.js"
import { argmax } from "../reduce.js"
import { reshape } from "../shape.js"
import { vmap } from "../vmap.js"
import { mergeAll, tuples } from "./merge.js"
import type { WhileParams } from "./while-params.js"

type Flat = readonly AnyTensor[]

export const harvestWhile = (op: Op<WhileParams>, params: WhileParams): Harvest | null => {
  const { graph, emissions } = harvestGraph(params.body)
  if (emissions.length === 0) return null
  const n = params.constants.length
  const carries = params.body.outputs.length
  const rows = (outputTypes(params.condition)[0] as TensorType).shape
  const merge = mergeOnRows(emissions, rows.length)
  // with rows, the last of a log is how many turns its row has taken
  const logTypes = [...emissions.flatMap((e) => e.types), ...(rows.length === 0 ? [] : [{ elem: "float", shape: [] } as const])]
  const start = logTypes.map((t) =>
    broadcastAlong(
      zerosOf(t),
      [...rows, ...t.shape],
      t.shape.map((_, i) => i + rows.length),
    ),
  )
  return {
    emissions,
    apply: (inputs) => {
      const types = [...inputTypes(params.body), ...start.map((t) => t.type)]
      const body = bodyOf("whileLoop", types, (args) => {
        const outs = inline(graph, args.slice(0, n + carries))
        return [...outs.slice(0, carries), ...merge(args.slice(n + carries), outs.slice(carries))]
      })
      const condition = bodyOf("whileLoop", types, (args) => inline(params.condition, args.slice(0, n + carries)))
      const outs = apply(op, { ...params, condition, body }, [...inputs, ...start])
      const logs = outs.slice(carries)
      return { outputs: outs.slice(0, carries), emitted: tuples(emissions, rows.length === 0 ? logs : longest(logs, rows)) }
    },
  }
}

/** What the body emits has no rows: it is merged into the log of every row, and the turn is counted. */
const mergeOnRows = (emissions: readonly Emission[], rows: number): ((logs: Flat, own: Flat) => Flat) => {
  if (rows === 0) return (logs, own) => mergeAll(emissions, logs, own)
  let merge = (logs: Flat, own: Flat): Flat => [...mergeAll(emissions, logs, own), add(logs.at(-1) as Tensor, 1)]
  for (let i = 0; i < rows; i++) merge = vmap(merge, { in: [0, null] }) as typeof merge
  return merge
}

/** The log of the row with the most turns. */
const longest = (logs: Flat, rows: readonly number[]): Flat => {
  const flat = (t: AnyTensor) => reshape(t as Tensor, [sizeOf(rows), ...t.shape.slice(rows.length)])
  const row = argmax(flat(logs.at(-1) as AnyTensor), 0)
  return logs.slice(0, -1).map((t) => take(flat(t), row))
}
