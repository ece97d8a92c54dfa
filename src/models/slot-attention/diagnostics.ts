/** How a model's refinement behaves as a fixed-point iteration. */
import type { Tensor } from "../../core/index.js"
import { fixedPoint, iterate, spectralRadius } from "../../implicit/index.js"
import { expandAxis, indexAxis, scan, sub, vmap } from "../../ops/index.js"
import { type Context, layerOf, partContext } from "../layers/index.js"
import type { SlotAutoencoderParams, SlotAutoencoderSpec } from "./autoencoder.js"
import { cell } from "./cell.js"
import { besideSlots, type Refinement, refinement, sceneNorms } from "./slot-attention.js"

/** The refinement that the model makes for these images with this key. */
const refinementOf = (spec: SlotAutoencoderSpec, params: SlotAutoencoderParams, images: Tensor, context: Context): Refinement => {
  const features = layerOf(spec.encoder).apply(params.encoder, images, partContext(context, 0, "encoder"))
  return refinement(spec.attention, params.attention, features, partContext(context, 1, "attention"))
}

/**
 * |f(z_t) - z_t| / |f(z_t)| for t = 0 to `iterations` - 1, a scene: [iterations, B].
 *
 * @example
 * const { spec, init } = slotAutoencoder(modelSpec(defaultConfig))
 * residuals(spec, init(key(0)), zeros([1, 35, 35, 3]), 8, { key: key(1), mode: "eval" }).shape // [8, 1]
 */
export const residuals = (
  spec: SlotAutoencoderSpec,
  params: SlotAutoencoderParams,
  images: Tensor,
  iterations: number,
  context: Context,
): Tensor => {
  const { start, step } = refinementOf(spec, params, images, context)
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
 * Spectral radius of the refinement's Jacobian at the state after `iterations`, a scene: [B]. Below 1 the fixed point attracts.
 *
 * @example
 * const { spec, init } = slotAutoencoder(modelSpec(defaultConfig))
 * radii(spec, init(key(0)), zeros([1, 35, 35, 3]), { iterations: 3, powers: 8 }, { key: key(1), mode: "eval" }).shape // [1]
 */
export const radii = (
  spec: SlotAutoencoderSpec,
  params: SlotAutoencoderParams,
  images: Tensor,
  { iterations, powers }: { readonly iterations: number; readonly powers: number },
  context: Context,
): Tensor => {
  const { start, memory, step } = refinementOf(spec, params, images, context)
  const z = fixedPoint(step, start, iterate(iterations, { name: "slots" }))
  const one = (keys: Tensor, values: Tensor, slots: Tensor): Tensor => {
    const alone = { keys: expandAxis(keys, 0), values: expandAxis(values, 0) }
    const f = cell(spec.attention, params.attention.cell, alone, context)
    return spectralRadius((s: Tensor) => indexAxis(f(expandAxis(s, 0)), 0, 0), slots, { steps: powers })
  }
  return vmap(one)(memory.keys, memory.values, z)
}
