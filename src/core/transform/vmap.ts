/** Batching, as a walk: each equation once for all rows. A batched value has its batch axis first. */
import { TraceError } from "../errors.js"
import { closeBody } from "../graph/close.js"
import { type Graph, inputTypes } from "../graph/graph.js"
import { broadcastFirst } from "../primitives/broadcast-sum.js"
import { apply } from "../tensor/apply.js"
import type { AnyTensor } from "../tensor/shape-types.js"
import type { TensorType } from "../tensor/types.js"
import { walk } from "./inline.js"

/** A value, and whether it has the batch axis: first, if so. */
export interface Batched {
  readonly value: AnyTensor
  readonly batched: boolean
}

/**
 * A graph on rows: outputs, and which of them have the batch axis.
 *
 * @example
 * const twice = bodyOf("twice", [{ elem: "float", shape: [] }], ([x]) => [apply1(addOp, null, [x, x])])
 * evaluate(batchGraph(twice, [{ value: tensor([1, 2]), batched: true }], 2)[0].value) // right([2, 4])
 */
export const batchGraph = (graph: Graph, inputs: readonly Batched[], size: number): readonly Batched[] =>
  walk<Batched>(graph, inputs, (e, ins) => {
    const values = ins.map((b) => b.value)
    if (!ins.some((b) => b.batched)) return apply(e.op, e.params, values).map((value) => ({ value, batched: false }))
    const { outputs, batched } = e.op.batch(
      e.params,
      values,
      ins.map((b) => b.batched),
      size,
    )
    return outputs.map((value, i) => ({ value, batched: batched[i] as boolean }))
  })

/**
 * The type of `size` rows: a new first axis.
 *
 * @example
 * rowType({ elem: "float", shape: [3] }, 2) // { elem: "float", shape: [2, 3] }
 */
export const rowType = (type: TensorType, size: number): TensorType => ({ elem: type.elem, shape: [size, ...type.shape] })

/**
 * A value with the batch axis, repeated where it has none.
 *
 * @example
 * evaluate(asBatched({ value: tensor([1, 2]), batched: false }, 2)) // right([[1, 2], [1, 2]])
 */
export const asBatched = ({ value, batched }: Batched, size: number): AnyTensor => (batched ? value : broadcastFirst(value, size))

/**
 * A body for all rows as a graph of its own. `force[i]` says that output i shall be batched whatever it depends on; the answer
 * says which outputs are.
 *
 * @example
 * const twice = bodyOf("twice", [{ elem: "float", shape: [] }], ([x]) => [apply1(addOp, null, [x, x])])
 * batchBody("rows", twice, [true], 2).batched // [true]
 */
export const batchBody = (
  owner: string,
  graph: Graph,
  batched: readonly boolean[],
  size: number,
  force: readonly boolean[] | "all" | "none" = "none",
): { readonly graph: Graph; readonly batched: readonly boolean[] } => {
  let flags: readonly boolean[] = []
  const closed = closeBody(
    owner,
    inputTypes(graph).map((t, i) => (batched[i] ? rowType(t, size) : t)),
    (args) => {
      const outputs = batchGraph(
        graph,
        args.map((value, i) => ({ value, batched: batched[i] as boolean })),
        size,
      )
      flags = outputs.map((o, i) => o.batched || force === "all" || (force !== "none" && (force[i] as boolean)))
      return outputs.map((o, i) => (flags[i] ? asBatched(o, size) : o.value))
    },
  )
  if (closed.captured.length > 0)
    throw new TraceError(`${owner}: a batch rule inside it made an array; rules may make scalars and ranges only`)
  return { graph: closed.graph, batched: flags }
}
