/** The linear half of a graph at a point, as a closed graph of its own whose captures are the residuals. */
import { type Closed, closeDependents } from "../graph/close.js"
import type { Graph } from "../graph/graph.js"
import { placeholder } from "../tensor/apply.js"
import type { AnyTensor } from "../tensor/shape-types.js"
import { inline } from "./inline.js"
import { jvpGraph } from "./jvp.js"

export interface Linearized {
  readonly outputs: readonly AnyTensor[]
  /** Stand-ins for the tangents of the active inputs, in order. */
  readonly leaves: readonly AnyTensor[]
  /** Tangents of the outputs as expressions of the leaves; null is zero. */
  readonly tangents: readonly (AnyTensor | null)[]
}

/** A graph's outputs at `inputs`, and its tangents as expressions of fresh leaves for the active inputs. */
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

/** The linear half closed: inputs are the captured residuals, then one for each leaf; outputs those that are not zero. */
export const closeLinear = ({ leaves, tangents }: Pick<Linearized, "leaves" | "tangents">): Closed =>
  closeDependents(
    leaves,
    tangents.filter((t) => t !== null),
  )

/** Applies a closed graph: captures first. */
export const applyClosed = ({ graph, captured }: Closed, args: readonly AnyTensor[]): readonly AnyTensor[] =>
  inline(graph, [...captured, ...args])
