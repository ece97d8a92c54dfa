/** From a slot autoencoder's configuration to the descriptions of what it configures. */
import { convolution, dense, type LayerSpec, layerNorm, layerOf, positionEmbedding, seq } from "../layers/index.js"
import { linearDecay, type OptimiserSpec, product, warmUp } from "../optim/index.js"
import { adjointOf, broadcastDecoder, type SlotAutoencoderSpec, slotAttention, slotSolver } from "../slot-attention/index.js"
import { imageSide } from "./image-side.js"
import type { SlotAutoencoderConfig } from "./slot-autoencoder.js"

const channels = 3

/** Convolutions, a place for every pixel, and a small network a pixel. */
const encoderSpec = (config: SlotAutoencoderConfig): LayerSpec => {
  const { encoder, model } = config
  const side = Math.ceil(imageSide(config) / encoder.stride)
  const layers: readonly { readonly spec: LayerSpec }[] = [
    ...encoder.kernels.map((kernel, i) =>
      i === 0
        ? convolution(channels, encoder.channels, kernel, { activation: "relu", stride: encoder.stride })
        : convolution(encoder.channels, encoder.channels, kernel, { activation: "relu" }),
    ),
    positionEmbedding(side, side, encoder.channels, encoder.frequencies),
    layerNorm(encoder.channels),
    dense(encoder.channels, encoder.hidden, { activation: "relu" }),
    dense(encoder.hidden, model.width),
  ]
  return seq(...layers.map(({ spec }) => layerOf(spec))).spec
}

/**
 * The model that a run trains.
 *
 * @example
 * modelSpec(defaultConfig).attention.slots // 4
 */
export const modelSpec = (config: SlotAutoencoderConfig): SlotAutoencoderSpec => {
  const { model, decoder } = config
  const side = imageSide(config)
  const adjoint = typeof model.adjoint === "string" ? adjointOf(model.adjoint, model.iterations) : model.adjoint
  return {
    _tag: "slotAutoencoder",
    encoder: encoderSpec(config),
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
