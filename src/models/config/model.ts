/** From a slot autoencoder's configuration to the descriptions of what it configures. */
import { linearDecay, type OptimiserSpec, product, warmUp } from "../optim/index.js"
import { adjointOf, broadcastDecoder, imageEncoder, type SlotAutoencoderSpec, slotAttention, slotSolver } from "../slot-attention/index.js"
import { imageSide } from "./image-side.js"
import type { SlotAutoencoderConfig } from "./slot-autoencoder.js"

const channels = 3

/**
 * The model that a run trains.
 *
 * @example
 * modelSpec(defaultConfig).attention.slots // 4
 */
export const modelSpec = (config: SlotAutoencoderConfig): SlotAutoencoderSpec => {
  const { model, encoder, decoder } = config
  const side = imageSide(config)
  const adjoint = typeof model.adjoint === "string" ? adjointOf(model.adjoint, model.iterations) : model.adjoint
  return {
    _tag: "slotAutoencoder",
    encoder: imageEncoder({ ...encoder, side, colours: channels, strides: [encoder.stride], outputs: model.width }),
    attention: slotAttention({
      inputs: model.width,
      slots: model.slots,
      width: model.width,
      hidden: model.hidden,
      solver: slotSolver(model.iterations, adjoint, model.onFailure),
    }).spec,
    decoder: broadcastDecoder({ height: side, width: side, inputs: model.width, channels, ...decoder }).spec,
  }
}

/**
 * The optimiser that trains it: clipping, Adam, and a rate that rises, stays and falls.
 *
 * @example
 * const optimiser = optimiserOf(optimiserSpec(defaultConfig))
 */
export const optimiserSpec = ({ steps, optimiser }: SlotAutoencoderConfig): OptimiserSpec => ({
  _tag: "chain",
  of: [
    { _tag: "clipByGlobalNorm", limit: optimiser.clip },
    { _tag: "adam", rate: optimiser.rate, beta1: optimiser.beta1, beta2: optimiser.beta2, epsilon: 1e-8 },
    {
      _tag: "scaleBySchedule",
      schedule: product(
        warmUp(optimiser.warmUp),
        linearDecay({ from: Math.round(steps * (1 - optimiser.decay)), to: steps, floor: optimiser.floor }),
      ),
    },
  ],
})
