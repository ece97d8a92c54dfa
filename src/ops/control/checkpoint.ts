/**
 * checkpoint: a body whose intermediate values are not kept for the backward pass but made again. Nothing is merged, moved or
 * fused across its boundary; its backward half is fed by the saved inputs and the cotangents, so that the recomputation can't
 * start before they are there.
 */
import {
  type AnyTensor,
  apply,
  batchBody,
  bodyOf,
  type Choices,
  closeBody,
  defineOp,
  flatten,
  type Graph,
  type Harvest,
  harvestGraph,
  inline,
  inputTypes,
  jvpGraph,
  type Op,
  outputTypes,
  placeholder,
  type Structure,
  sameType,
  showType,
  type Tangent,
  type TensorType,
  TraceError,
  transposeDag,
  unflatten,
  zerosOf,
} from "../../core/index.js"
import { exampleBody } from "./example-body.js"
import { pick, place } from "./lists.js"
import { tuples } from "./merge.js"

interface CheckpointParams {
  readonly body: Graph
}

/** Body: (inputs, tangents of the active ones) -> tangents of the outputs that have one; also which those are. */
const tangentBody = (body: Graph, active: readonly boolean[], mode: "jvp" | "linear", values: boolean) => {
  const types = inputTypes(body)
  let out: readonly boolean[] = []
  const graph = bodyOf("checkpoint", [...types, ...pick(types, active)], (args) => {
    const primals = args.slice(0, types.length)
    const given = place(args.slice(types.length), active, null)
    const duals = jvpGraph(
      body,
      primals.map((primal, i) => ({ primal, tangent: given[i] ?? null })),
      mode,
    )
    out = duals.map((d) => d.tangent !== null)
    return [...(values ? duals.map((d) => d.primal) : []), ...duals.flatMap((d) => (d.tangent === null ? [] : [d.tangent]))]
  })
  return { graph, out }
}

export const checkpointOp: Op<CheckpointParams> = defineOp<CheckpointParams>({
  name: "checkpoint",
  type: ({ body }, inputs) => {
    const taken = inputTypes(body)
    const odd = inputs.findIndex((t, i) => !sameType(t, taken[i] as TensorType))
    if (odd >= 0)
      throw new TraceError(
        `checkpoint: input ${odd} is ${showType(inputs[odd] as TensorType)}, its body takes ${showType(taken[odd] as TensorType)}`,
      )
    return outputTypes(body)
  },
  jvp: (params, inputs, _outputs, tangents) => dual(params, inputs, tangents).tangents,
  dual: (params, inputs, tangents) => dual(params, inputs, tangents),
  split: ({ body }, inputs, active) => {
    const { graph, out } = tangentBody(body, active, "linear", false)
    return {
      outputs: apply(checkpointOp, { body }, inputs),
      linear: (tangents) => {
        const moved = pick(
          tangents.map((t, i) => t ?? zerosOf((inputs[i] as AnyTensor).type)),
          active,
        )
        return place(apply(checkpointOp, { body: graph }, [...inputs, ...moved]), out, null)
      },
    }
  },
  transpose: ({ body }, inputs, linear, cotangents) => {
    const known = inputs.filter((_, i) => !linear[i])
    const given = cotangents.map((t) => t !== null)
    const cts = cotangents.filter((t) => t !== null)
    const back = bodyOf("checkpoint", [...known.map((t) => t.type), ...cts.map((t) => t.type)], (args) => {
      const others = place(
        args.slice(0, known.length),
        linear.map((l) => !l),
        null,
      )
      const leaves = inputs.map((t, i) => (linear[i] ? placeholder(t.type, "checkpoint") : null))
      const outs = inline(
        body,
        leaves.map((l, i) => l ?? (others[i] as AnyTensor)),
      )
      const own = leaves.filter((l) => l !== null)
      return transposeDag(own, outs, place(args.slice(known.length), given, null)).map((t, i) => t ?? zerosOf((own[i] as AnyTensor).type))
    })
    return place(apply(checkpointOp, { body: back }, [...known, ...cts]), linear, null)
  },
  batch: ({ body }, inputs, batched, size) => {
    const made = batchBody("checkpoint", body, batched, size)
    return { outputs: apply(checkpointOp, { body: made.graph }, inputs), batched: made.batched }
  },
  harvest: ({ body }): Harvest | null => {
    const { graph, emissions } = harvestGraph(body)
    if (emissions.length === 0) return null
    return {
      emissions,
      apply: (inputs) => {
        const outs = apply(checkpointOp, { body: graph }, inputs)
        const own = body.outputs.length
        return { outputs: outs.slice(0, own), emitted: tuples(emissions, outs.slice(own)) }
      },
    }
  },
  lower: ({ body }) => ({ t: "region", body }),
  cheap: false,
  example: (choose: Choices) => {
    const t: TensorType = { elem: "float", shape: choose.shape(1) }
    const f = exampleBody(choose)
    return {
      params: { body: bodyOf("checkpoint", [t, t, t], (args) => [f(args as readonly [AnyTensor, AnyTensor, AnyTensor])]) },
      inputs: [t, t, t],
      domains: [{ t: "real" }, { t: "real" }, { t: "real" }],
    }
  },
})

const dual = ({ body }: CheckpointParams, inputs: readonly AnyTensor[], tangents: readonly Tangent[]) => {
  const { graph, out } = tangentBody(
    body,
    tangents.map((t) => t !== null),
    "jvp",
    true,
  )
  const outs = apply(checkpointOp, { body: graph }, [...inputs, ...tangents.filter((t) => t !== null)])
  return { outputs: outs.slice(0, out.length), tangents: place(outs.slice(out.length), out, null) }
}

/**
 * `f` with its intermediate values made again in the backward pass instead of kept: memory for time. In the body of a `scan`
 * only the carries are stacked.
 *
 * @example
 * scan((z, x) => [checkpoint(cell)(z, x), null], z0, xs)
 */
export const checkpoint =
  <A extends readonly unknown[], O>(f: (...args: A) => O): ((...args: A) => O) =>
  (...args) => {
    const flat = flatten("checkpoint", args)
    let result: Structure = { t: "null" }
    const { graph, captured } = closeBody(
      "checkpoint",
      flat.leaves.map((t) => t.type),
      (leaves) => {
        const out = flatten("checkpoint: the function's result", f(...(unflatten(flat.structure, leaves) as A)))
        result = out.structure
        return out.leaves
      },
    )
    return unflatten(result, apply(checkpointOp, { body: graph }, [...captured, ...flat.leaves])) as O
  }
