/** What a slot autoencoder is trained to do. */
import type { Tensor } from "../../core/index.js"
import { max, mean, mul, square, sub } from "../../ops/index.js"
import type { SlotAutoencoder, SlotAutoencoderParams } from "../slot-attention/index.js"
import type { Loss } from "./step.js"

/**
 * Pixels in [0, 1] as the model sees and paints them, in [-1, 1].
 *
 * @example
 * evaluate(centred(tensor([0, 0.5, 1]))) // right([-1, 0, 1])
 */
export const centred = (images: Tensor): Tensor => sub(mul(images, 2) as Tensor, 1) as Tensor

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
