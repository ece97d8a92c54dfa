/** The transforms on functions of flat tensor lists, so that they compose: each takes a function and gives a function. */
import {
  type AnyTensor,
  asBatched,
  batchGraph,
  type Closed,
  closeBody,
  jvpGraph,
  linearizeGraph,
  rowType,
  type TensorType,
  transposeDag,
  zerosOf,
} from "../../core/index.js"
import type { Fn } from "../run.js"
import type { Mask } from "./masks.js"

const floats = <T extends { readonly elem: string }>(types: readonly T[]): readonly T[] => types.filter((t) => t.elem === "float")

const closing = (fn: Fn): Closed => closeBody("laws", fn.inputs, fn.apply)

/** Types of a function's float outputs: those that have derivatives. */
export const floatOutputs = (fn: Fn): readonly TensorType[] => {
  const { graph } = closing(fn)
  return floats(graph.outputs.map((v) => graph.types[v] as TensorType))
}

export const activeTypes = (fn: Fn, active: Mask): readonly TensorType[] => fn.inputs.filter((_, i) => active[i])

/** Captures first, as graphs have them, then arguments. */
const withCaptures = (closed: Closed, args: readonly AnyTensor[]) => [...closed.captured, ...args]
const masked = (closed: Closed, mask: Mask): Mask => [...closed.captured.map(() => false), ...mask]

/** (x, v) -> J(x) v: v for the active inputs, results for the float outputs. */
export const pushforward = (fn: Fn, active: Mask): Fn => ({
  inputs: [...fn.inputs, ...activeTypes(fn, active)],
  apply: (args) => {
    const closed = closing(fn)
    const tangents = args.slice(fn.inputs.length)
    let next = 0
    const mask = masked(closed, active)
    const duals = jvpGraph(
      closed.graph,
      withCaptures(closed, args.slice(0, fn.inputs.length)).map((primal, i) => ({
        primal,
        tangent: mask[i] ? (tangents[next++] as AnyTensor) : null,
      })),
      "jvp",
    )
    return duals.filter((d) => d.primal.type.elem === "float").map((d) => d.tangent ?? zerosOf(d.primal.type))
  },
})

/** (x, u) -> J(x)' u: u for the float outputs, results for the active inputs. */
export const pullback = (fn: Fn, active: Mask): Fn => ({
  inputs: [...fn.inputs, ...floatOutputs(fn)],
  apply: (args) => {
    const closed = closing(fn)
    const lin = linearizeGraph("laws", closed.graph, withCaptures(closed, args.slice(0, fn.inputs.length)), masked(closed, active))
    const cotangents = args.slice(fn.inputs.length)
    let next = 0
    const back = transposeDag(
      lin.leaves,
      lin.tangents,
      lin.outputs.map((y) => (y.type.elem === "float" ? (cotangents[next++] as AnyTensor) : null)),
    )
    return lin.leaves.map((l, i) => back[i] ?? zerosOf(l.type))
  },
})

/** The function on `size` rows at once; inputs that are not batched are the same for all rows, outputs all have rows. */
export const vectorised = (fn: Fn, batched: Mask, size: number): Fn => ({
  inputs: fn.inputs.map((t, i) => (batched[i] ? rowType(t, size) : t)),
  apply: (args) => {
    const closed = closing(fn)
    const mask = masked(closed, batched)
    const rows = batchGraph(
      closed.graph,
      withCaptures(closed, args).map((value, i) => ({ value, batched: mask[i] as boolean })),
      size,
    )
    return rows.map((r) => asBatched(r, size))
  },
})
