/** scan on rows: which carries have the batch axis is a least fixed point over the body. */
import { type AnyTensor, apply, asBatched, batchBody, type Op, type Tensor } from "../../core/index.js"
import { moveAxis } from "../shape.js"
import { leastFixedPoint } from "./fixpoint.js"
import { type ScanParams, sections } from "./scan-params.js"

export const batchScan = (
  op: Op<ScanParams>,
  params: ScanParams,
  inputs: readonly AnyTensor[],
  batched: readonly boolean[],
  size: number,
) => {
  const { body, carry } = params
  const parts = sections(params, batched)
  const run = (flags: readonly boolean[], force: readonly boolean[] | "none") =>
    batchBody("scan", body, [...parts.constants, ...flags, ...parts.xs], size, force)
  const flags = leastFixedPoint(parts.carry, (f) => run(f, "none").batched.slice(0, carry))
  const made = run(flags, [...flags, ...body.outputs.slice(carry).map(() => false)])
  const ins = sections(params, inputs)
  // the axis of turns stays first: [B, n, ...] becomes [n, B, ...]
  const swap = (t: AnyTensor) => moveAxis(t as Tensor, 1, 0)
  const outs = apply(op, { ...params, body: made.graph }, [
    ...ins.constants,
    ...ins.carry.map((value, i) => (flags[i] ? asBatched({ value, batched: parts.carry[i] as boolean }, size) : value)),
    ...ins.xs.map((t, i) => (parts.xs[i] ? swap(t) : t)),
  ])
  return { outputs: outs.map((t, i) => (i >= carry && made.batched[i] ? swap(t) : t)), batched: made.batched }
}
