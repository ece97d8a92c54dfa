/** What a slot autoencoder is trained to do, and how it is looked at. */
import type { Tensor } from "../../core/index.js"
import { add, max, mean, mul, square, sub } from "../../ops/index.js"
import { layerOf, partContext } from "../layers/index.js"
import {
  decoderOf,
  refinement,
  type SlotAutoencoder,
  type SlotAutoencoderParams,
  type SlotAutoencoderSpec,
  slotAutoencoder,
} from "../slot-attention/index.js"
import { attentionMaps, type Loss, type Sight } from "../training/index.js"

/**
 * Pixels in [0, 1] as the model sees and paints them, in [-1, 1].
 *
 * @example
 * evaluate(centred(tensor([0, 0.5, 1]))) // right([-1, 0, 1])
 */
export const centred = (images: Tensor): Tensor => sub(mul(images, 2) as Tensor, 1) as Tensor

/** Back. */
const inUnit = (painted: Tensor): Tensor => mul(add(painted, 1) as Tensor, 0.5) as Tensor

/**
 * Mean squared error a value, of images in [-1, 1]; and the residual of the refinement, the worst scene's.
 *
 * @example
 * const model = slotAutoencoder(modelSpec(defaultConfig))
 * const step = trainStep(reconstruction(model), adam({ rate: 1e-3 }))
 */
export const reconstruction =
  (model: SlotAutoencoder): Loss<SlotAutoencoderParams, Tensor, { readonly residual: Tensor<[]> }> =>
  (params, images, key) => {
    const target = centred(images)
    const made = model.apply(params, target, { key, mode: "train" })
    return [mean(square(sub(made.reconstruction, target) as Tensor)), { residual: max(made.residual) as Tensor<[]> }]
  }

/**
 * How a slot autoencoder is looked at, given the refinements that it makes.
 *
 * @example
 * autoencoderSight(modelSpec(defaultConfig), 3).slots // 4
 */
export const autoencoderSight = (spec: SlotAutoencoderSpec, iterations: number): Sight<SlotAutoencoderParams> => {
  const model = slotAutoencoder(spec)
  const decoder = decoderOf(spec)
  return {
    slots: spec.attention.slots,
    iterations,
    see: (params, images, key) => {
      const made = model.apply(params, centred(images), { key, mode: "eval" })
      return {
        reconstruction: inUnit(made.reconstruction),
        attention: attentionMaps(made.attention, images.shape[1] as number),
        painting: { masks: made.masks, parts: inUnit(made.parts) },
        pictures: {},
        numbers: {},
      }
    },
    slotsOf: (params, images, key) => model.apply(params, centred(images), { key, mode: "eval" }).slots,
    paint: (params, slots) => inUnit(decoder.apply(params.decoder, slots, { mode: "eval" }).reconstruction),
    slotMap: (params, images, context) => {
      const features = layerOf(spec.encoder).apply(params.encoder, centred(images), partContext(context, 0, "encoder"))
      return {
        spec: spec.attention,
        params: params.attention,
        refinement: refinement(spec.attention, params.attention, features, partContext(context, 1, "attention")),
      }
    },
  }
}
