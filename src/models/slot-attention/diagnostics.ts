/** How a refinement behaves as a fixed-point iteration. */
import type { Tensor } from "../../core/index.js"
import { fixedPoint, iterate, jacobianNorm, spectralRadius } from "../../implicit/index.js"
import { expandAxis, indexAxis, scan, sub, vmap } from "../../ops/index.js"
import type { Context } from "../layers/index.js"
import { cell } from "./cell.js"
import { besideSlots, type Refinement, type SlotAttentionParams, type SlotAttentionSpec, sceneNorms } from "./slot-attention.js"

/**
 * |f(z_t) - z_t| / |f(z_t)| for t = 0 to `iterations` - 1, a scene: [iterations, B].
 *
 * @example
 * const { spec, init } = slotAttention({ inputs: 4, slots: 3, width: 8, hidden: 16, solver: slotSolver(3, oneStep) })
 * const made = refinement(spec, init(key(0)), zeros([1, 5, 4]), { key: key(1), mode: "eval" })
 * residuals(made, 8).shape // [8, 1]
 */
export const residuals = ({ start, step }: Refinement, iterations: number): Tensor => {
  const [, all] = scan(
    (z: Tensor, _row: null) => {
      const next = step(z)
      return [next, besideSlots(sceneNorms(sub(next, z) as Tensor), next)] as const
    },
    start,
    null,
    { length: iterations },
  )
  return all
}

/**
 * Spectral radius (`radii`) and largest singular value (`norms`) of the refinement's Jacobian at the state after `iterations`, a scene: [B].
 * Where that state is a fixed point (its residual is small), it attracts below a radius of 1; below a norm of 1 refinements near it come nearer.
 *
 * @example
 * const { spec, init } = slotAttention({ inputs: 4, slots: 3, width: 8, hidden: 16, solver: slotSolver(3, oneStep) })
 * const context = { key: key(1), mode: "eval" } as const
 * const params = init(key(0))
 * const made = refinement(spec, params, zeros([1, 5, 4]), context)
 * jacobians(spec, params, made, { iterations: 3, powers: 8 }, context).radii.shape // [1]
 */
export const jacobians = (
  spec: SlotAttentionSpec,
  params: SlotAttentionParams,
  { start, memory, step }: Refinement,
  { iterations, powers }: { readonly iterations: number; readonly powers: number },
  context: Context,
): { readonly radii: Tensor; readonly norms: Tensor } => {
  const z = fixedPoint(step, start, iterate(iterations, { name: "slots" }))
  const one = (keys: Tensor, values: Tensor, slots: Tensor) => {
    const alone = { keys: expandAxis(keys, 0), values: expandAxis(values, 0) }
    const f = cell(spec, params.cell, alone, context)
    const map = (s: Tensor) => indexAxis(f(expandAxis(s, 0)), 0, 0) as Tensor
    return { radii: spectralRadius(map, slots, { steps: powers }), norms: jacobianNorm(map, slots, { steps: powers }) }
  }
  return vmap(one)(memory.keys, memory.values, z)
}
