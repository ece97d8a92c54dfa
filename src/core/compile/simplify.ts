/**
 * Rebuilds a graph without what it can do without: ops are replaced by what their `simplify` knows to be equal (that erases
 * `stopGradient`, so this runs after the last transform), rewrites that save work are done (rewrite.ts), equal subexpressions are merged and
 * what no output needs is left out (closing does both), in bodies too. Nothing moves into a body, out of one, or from one to another.
 */
import { mapBodies } from "../graph/bodies.js"
import { type Graph, inputTypes } from "../graph/graph.js"
import { apply } from "../tensor/apply.js"
import type { AnyTensor } from "../tensor/shape-types.js"
import { bodyOf } from "../transform/closed-body.js"
import { walk } from "../transform/inline.js"
import { rewritten } from "./rewrite.js"

const known = new WeakMap<Graph, Graph>()

/**
 * An equal, simpler graph with the same inputs and outputs. Bodies shared by equations are done once.
 *
 * @example
 * const { graph } = closeBody("f", [{ elem: "float", shape: [2] }], ([x]) => [add(x, 0)])
 * simplifyGraph(graph).equations.length // 0
 */
export const simplifyGraph = (graph: Graph): Graph => {
  const before = known.get(graph)
  if (before !== undefined) return before
  const made = bodyOf("simplify", inputTypes(graph), (args) =>
    walk<AnyTensor>(
      graph,
      args,
      (e, inputs) =>
        e.op.simplify?.(e.params, inputs) ?? rewritten(e.op, e.params, inputs) ?? apply(e.op, mapBodies(e.params, simplifyGraph), inputs),
    ),
  )
  known.set(graph, made)
  known.set(made, made)
  return made
}
