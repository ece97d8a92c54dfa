/** Reverse mode: the transpose of the linear half, equation by equation from the last to the first. */
import { TraceError } from "../errors.js"
import { dependents } from "../graph/close.js"
import { madeAt } from "../location.js"
import type { Tangent } from "../op.js"
import { addTangents } from "../primitives/add.js"
import { type Apply, applyOf } from "../tensor/apply.js"
import type { AnyTensor } from "../tensor/shape-types.js"
import { sameType, showType } from "../tensor/types.js"

/**
 * Cotangents of `leaves` from cotangents of `outputs`, where `outputs` are linear in `leaves` together. Values that do not
 * depend on a leaf are residuals and are used as they are.
 *
 * @throws TraceError when an op on the way has no `transpose`, or its rule gives a wrong type
 *
 * @example
 * const x = placeholder({ elem: "float", shape: [] }, "f")
 * evaluate(transposeDag([x], [mul(x, 3)], [tensor(2)])[0]) // right(6)
 */
export const transposeDag = (
  leaves: readonly AnyTensor[],
  outputs: readonly Tangent[],
  cotangents: readonly Tangent[],
): readonly Tangent[] => {
  const live = outputs.flatMap((t, i) => (t !== null && cotangents[i] != null ? [t] : []))
  const { nodes, depends } = dependents(leaves, live)
  const gathered = new Map<AnyTensor, Tangent>()
  const give = (t: AnyTensor, ct: Tangent) => gathered.set(t, addTangents(gathered.get(t) ?? null, ct))
  outputs.forEach((t, i) => {
    if (t !== null && depends(applyOf(t))) give(t, cotangents[i] ?? null)
  })
  for (let n = nodes.length - 1; n >= 0; n--) {
    const a = nodes[n] as (typeof nodes)[number]
    const cts = a.outputs.map((t) => gathered.get(t) ?? null)
    if (cts.every((c) => c === null)) continue
    const linear = a.inputs.map((t) => depends(applyOf(t)))
    madeAt(a.line, () => {
      const back = transposed(a, linear, cts)
      a.inputs.forEach((t, i) => {
        const ct = back[i] ?? null
        if (linear[i] && ct !== null) give(t, ct)
      })
    })
  }
  return leaves.map((t) => gathered.get(t) ?? null)
}

/** Cotangents of the linear inputs of one application, checked. */
const transposed = ({ op, params, inputs }: Apply, linear: readonly boolean[], cts: readonly Tangent[]): readonly Tangent[] => {
  if (op.transpose === undefined)
    throw new TraceError(
      `${op.name}: has no reverse mode (its rule set has no transpose)${op.name === "while" ? "; an unbounded loop can't be run backwards: use scan with a fixed length, or fixedPoint, whose gradient needs no loop history. Forward mode works" : ""}`,
    )
  const back = op.transpose(params, inputs, linear, cts)
  inputs.forEach((t, i) => {
    const ct = back[i] ?? null
    if (linear[i] && ct !== null && !sameType(ct.type, t.type))
      throw new TraceError(
        `${op.name}: its transpose rule gave a cotangent ${showType(ct.type)} for input ${i}, which is ${showType(t.type)}`,
      )
  })
  return back
}
