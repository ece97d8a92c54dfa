/** Walking a graph on tensors: what every transform has in common. */
import type { Equation, Graph } from "../graph/graph.js"
import { madeAt } from "../location.js"
import { apply } from "../tensor/apply.js"
import type { AnyTensor } from "../tensor/shape-types.js"

/**
 * Applies a graph's equations to `inputs` again.
 *
 * @example
 * const twice = bodyOf("twice", [{ elem: "float", shape: [2] }], ([x]) => [apply1(addOp, null, [x, x])])
 * evaluate(inline(twice, [tensor([1, 2])])[0]) // right([2, 4])
 */
export const inline = (graph: Graph, inputs: readonly AnyTensor[]): readonly AnyTensor[] =>
  walk(graph, inputs, (e, ins) => apply(e.op, e.params, ins))

/**
 * Walks equations in order with values of any kind in place of tensors.
 *
 * @example
 * const twice = bodyOf("twice", [{ elem: "float", shape: [2] }], ([x]) => [apply1(addOp, null, [x, x])])
 * walk(twice, ["x"], (e, inputs) => [`${e.op.name}(${inputs.join(", ")})`]) // ["add(x, x)"]
 */
export const walk = <V>(graph: Graph, inputs: readonly V[], step: (e: Equation, inputs: readonly V[]) => readonly V[]): readonly V[] => {
  const env: V[] = inputs.slice()
  for (const e of graph.equations) {
    const ins = e.inputs.map((v) => env[v] as V)
    const outputs = e.line === undefined ? step(e, ins) : madeAt(e.line, () => step(e, ins))
    e.outputs.forEach((v, i) => {
      env[v] = outputs[i] as V
    })
  }
  return graph.outputs.map((v) => env[v] as V)
}
