/**
 * Forward mode, as a walk: each equation's values and tangents from its inputs'. With `linear`, ops with bodies are split, so
 * that everything which depends on the tangents is linear in them: that is the linear half that reverse mode transposes.
 */
import { TraceError } from "../errors.js"
import type { Graph } from "../graph/graph.js"
import type { Tangent } from "../op.js"
import { apply } from "../tensor/apply.js"
import type { AnyTensor } from "../tensor/shape-types.js"
import { sameType, showType } from "../tensor/types.js"
import { walk } from "./inline.js"

/** A value with its tangent. */
export interface Dual {
  readonly primal: AnyTensor
  readonly tangent: Tangent
}

const checked = (name: string, outputs: readonly AnyTensor[], tangents: readonly Tangent[]): readonly Dual[] =>
  outputs.map((primal, i) => {
    const tangent = tangents[i] ?? null
    if (tangent !== null && !sameType(tangent.type, primal.type))
      throw new TraceError(
        `${name}: its derivative rule gave a tangent ${showType(tangent.type)} for output ${i}, which is ${showType(primal.type)}`,
      )
    return { primal, tangent }
  })

/**
 * Values and tangents of a graph's outputs. In the mode "linear" what depends on the tangents is linear in them, bodies included.
 *
 * @example
 * const twice = bodyOf("twice", [{ elem: "float", shape: [2] }], ([x]) => [apply1(addOp, null, [x, x])])
 * const [y] = jvpGraph(twice, [{ primal: tensor([1, 2]), tangent: tensor([1, 0]) }], "jvp")
 * evaluate(y.tangent) // right([2, 0])
 */
export const jvpGraph = (graph: Graph, inputs: readonly Dual[], mode: "jvp" | "linear"): readonly Dual[] =>
  walk<Dual>(graph, inputs, (e, ins) => {
    const primals = ins.map((d) => d.primal)
    if (ins.every((d) => d.tangent === null)) return apply(e.op, e.params, primals).map((primal) => ({ primal, tangent: null }))
    const tangents = ins.map((d) => d.tangent)
    if (mode === "linear" && e.op.split !== undefined) {
      const { outputs, linear } = e.op.split(
        e.params,
        primals,
        tangents.map((t) => t !== null),
      )
      return checked(e.op.name, outputs, linear(tangents))
    }
    if (e.op.dual !== undefined) {
      const made = e.op.dual(e.params, primals, tangents)
      return checked(e.op.name, made.outputs, made.tangents)
    }
    const outputs = apply(e.op, e.params, primals)
    return checked(e.op.name, outputs, e.op.jvp(e.params, primals, outputs, tangents))
  })
