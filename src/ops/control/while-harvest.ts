/** What a loop's body emits is carried along and merged turn by turn. */
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
import { reshape } from "../shape.js"
import { indexAxis } from "../slice-pad.js"
import { mergeAll, tuples } from "./merge.js"
import type { WhileParams } from "./while-params.js"

export const harvestWhile = (op: Op<WhileParams>, params: WhileParams): Harvest | null => {
  const { graph, emissions } = harvestGraph(params.body)
  if (emissions.length === 0) return null
  const extra = emissions.flatMap((e) => e.types)
  const n = params.constants.length
  const carries = params.body.outputs.length
  return {
    emissions,
    apply: (inputs) => {
      const rowSizes = (outputTypes(params.condition)[0] as TensorType).shape
      const withRows = (t: AnyTensor) =>
        broadcastAlong(
          t,
          [...rowSizes, ...t.shape],
          t.shape.map((_, i) => i + rowSizes.length),
        )
      const start = extra.map((t) => withRows(zerosOf(t)))
      const types = [...inputTypes(params.body), ...start.map((t) => t.type)]
      // With rows, each carries its own tuple; what the body emits has none and is merged into every row that goes on.
      const body = bodyOf("whileLoop", types, (args) => {
        const outs = inline(graph, args.slice(0, n + carries))
        return [...outs.slice(0, carries), ...mergeAll(emissions, args.slice(n + carries), outs.slice(carries).map(withRows))]
      })
      const condition = bodyOf("whileLoop", types, (args) => inline(params.condition, args.slice(0, n + carries)))
      const outs = apply(op, { ...params, condition, body }, [...inputs, ...start])
      return { outputs: outs.slice(0, carries), emitted: foldRows(emissions, outs.slice(carries), rowSizes) }
    },
  }
}

/** Merges the tuples of all rows into one. */
const foldRows = (emissions: readonly Emission[], flat: readonly AnyTensor[], rows: readonly number[]) => {
  const count = sizeOf(rows)
  const listed = flat.map((t) => reshape(t as Tensor, [count, ...t.shape.slice(rows.length)]) as AnyTensor)
  let merged: readonly AnyTensor[] = listed.map((t) => indexAxis(t as Tensor, 0, 0))
  for (let i = 1; i < count; i++)
    merged = mergeAll(
      emissions,
      merged,
      listed.map((t) => indexAxis(t as Tensor, 0, i)),
    )
  return tuples(emissions, merged)
}
