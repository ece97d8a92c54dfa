/** What either branch emits comes out of the cond; a branch that does not run emits the neutral element, zeros. */
import {
  type AnyTensor,
  apply,
  bodyOf,
  type Emission,
  type Graph,
  type Harvest,
  harvestGraph,
  inline,
  inputTypes,
  type Op,
  zerosOf,
} from "../../core/index.js"
import type { CondParams } from "./cond-params.js"
import { tuples } from "./merge.js"

export const harvestCond = (op: Op<CondParams>, params: CondParams): Harvest | null => {
  const [yes, no] = [harvestGraph(params.whenTrue), harvestGraph(params.whenFalse)]
  const emissions = [...yes.emissions, ...no.emissions]
  if (emissions.length === 0) return null
  const types = (list: readonly Emission[]) => list.flatMap((e) => e.types)
  const [first, second] = [types(yes.emissions), types(no.emissions)]
  const n = params.outputs.length
  const branch = (graph: Graph, whole: (own: readonly AnyTensor[]) => readonly AnyTensor[]) =>
    bodyOf("cond", inputTypes(graph), (args) => {
      const outs = inline(graph, args)
      return [...outs.slice(0, n), ...whole(outs.slice(n))]
    })
  const made: CondParams = {
    ...params,
    // Emitted values have no rows: a branch that runs is on rows it takes and on copies of them.
    outputs: [...params.outputs, ...first.map(() => 0), ...second.map(() => 0)],
    whenTrue: branch(yes.graph, (own) => [...own, ...second.map(zerosOf)]),
    whenFalse: branch(no.graph, (own) => [...first.map(zerosOf), ...own]),
  }
  return {
    emissions,
    apply: (inputs) => {
      const outs = apply(op, made, inputs)
      return { outputs: outs.slice(0, n), emitted: tuples(emissions, outs.slice(n)) }
    },
  }
}
