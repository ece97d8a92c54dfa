/** The linear half of a graph at a point, as a closed graph of its own whose captures are the residuals. */
import { type Closed, closeDependents } from "../graph/close.js"
import type { Graph } from "../graph/graph.js"
import { placeholder } from "../tensor/apply.js"
import type { AnyTensor } from "../tensor/shape-types.js"
import { inline } from "./inline.js"
import { jvpGraph } from "./jvp.js"

/** A graph's outputs with its derivative as an expression that is linear in fresh leaves. */
export interface Linearized {
  readonly outputs: readonly AnyTensor[]
  /** Stand-ins for the tangents of the active inputs, in order. */
  readonly leaves: readonly AnyTensor[]
  /** Tangents of the outputs as expressions of the leaves; null is zero. */
  readonly tangents: readonly (AnyTensor | null)[]
}

/**
 * A graph's outputs at `inputs`, and its tangents as expressions of fresh leaves for the active inputs.
 *
 * @example
 * const square = bodyOf("square", [{ elem: "float", shape: [] }], ([x]) => [mul(x, x)])
 * const { leaves, tangents } = linearizeGraph("f", square, [tensor(3)], [true])
 * evaluate(transposeDag(leaves, tangents, [literal(1)])[0]) // right(6)
 */
export const linearizeGraph = (owner: string, graph: Graph, inputs: readonly AnyTensor[], active: readonly boolean[]): Linearized => {
  const stand = inputs.map((t, i) => (active[i] ? placeholder(t.type, owner) : null))
  const duals = jvpGraph(
    graph,
    inputs.map((primal, i) => ({ primal, tangent: stand[i] ?? null })),
    "linear",
  )
  return {
    outputs: duals.map((d) => d.primal),
    leaves: stand.filter((t) => t !== null),
    tangents: duals.map((d) => d.tangent),
  }
}

/**
 * The linear half closed: inputs are the captured residuals, then one for each leaf; outputs those that are not zero.
 *
 * @example
 * const square = bodyOf("square", [{ elem: "float", shape: [] }], ([x]) => [mul(x, x)])
 * const { captured } = closeLinear(linearizeGraph("f", square, [tensor(3)], [true]))
 * captured.length // 1
 */
export const closeLinear = ({ leaves, tangents }: Pick<Linearized, "leaves" | "tangents">): Closed =>
  closeDependents(
    leaves,
    tangents.filter((t) => t !== null),
  )

/**
 * Applies a closed graph: captures first.
 *
 * @example
 * const y = tensor(2)
 * const sum = closeBody("f", [{ elem: "float", shape: [] }], ([x]) => [add(x, y)])
 * evaluate(applyClosed(sum, [tensor(1)])[0]) // right(3)
 */
export const applyClosed = ({ graph, captured }: Closed, args: readonly AnyTensor[]): readonly AnyTensor[] =>
  inline(graph, [...captured, ...args])
