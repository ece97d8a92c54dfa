/** What a scan's body emits is carried along and merged turn by turn. */
import { type AnyTensor, apply, bodyOf, type Harvest, harvestGraph, inline, inputTypes, type Op, zerosOf } from "../../core/index.js"
import { mergeAll, tuples } from "./merge.js"
import { type ScanParams, sections } from "./scan-params.js"

export const harvestScan = (op: Op<ScanParams>, params: ScanParams): Harvest | null => {
  const { graph, emissions } = harvestGraph(params.body)
  if (emissions.length === 0) return null
  const types = sections(params, inputTypes(params.body))
  const extra = emissions.flatMap((e) => e.types)
  const { constants, carry } = params
  const own = params.body.outputs.length
  const body = bodyOf("scan", [...types.constants, ...types.carry, ...extra, ...types.xs], (args) => {
    const before = args.slice(constants + carry, constants + carry + extra.length)
    const outs = inline(graph, [...args.slice(0, constants + carry), ...args.slice(constants + carry + extra.length)])
    return [...outs.slice(0, carry), ...mergeAll(emissions, before, outs.slice(own)), ...outs.slice(carry, own)]
  })
  return {
    emissions,
    apply: (inputs) => {
      const ins = sections(params, inputs)
      const outs = apply(op, { ...params, carry: carry + extra.length, body }, [
        ...ins.constants,
        ...ins.carry,
        ...extra.map(zerosOf),
        ...ins.xs,
      ])
      const emitted: readonly AnyTensor[] = outs.slice(carry, carry + extra.length)
      return { outputs: [...outs.slice(0, carry), ...outs.slice(carry + extra.length)], emitted: tuples(emissions, emitted) }
    },
  }
}
