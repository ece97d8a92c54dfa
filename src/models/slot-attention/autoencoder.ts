/** A slot autoencoder: features of an image, slots of the features, an image of the slots. */
import type { Tensor } from "../../core/index.js"
import { type Key, splitKeys } from "../../ops/index.js"
import {
  applyPart,
  defineLayer,
  dense,
  float,
  type Layer,
  type LayerSpec,
  layerCodec,
  layerOf,
  layerWithTag,
  type Params,
  type UncheckedLayer,
} from "../layers/index.js"
import { type BroadcastDecoderSpec, broadcastDecoder } from "./decoder.js"
import type { Painting } from "./painting.js"
import { type SlotAttentionParams, type SlotAttentionSpec, type Slots, slotAttention } from "./slot-attention.js"
import type { SpatialBroadcastDecoderSpec } from "./spatial-decoder.js"
import { adjointOf, slotSolver } from "./variants.js"

/** The decoders that a slot autoencoder can have, as data. */
export type DecoderSpec = BroadcastDecoderSpec | SpatialBroadcastDecoderSpec

/** A slot autoencoder as data. */
export interface SlotAutoencoderSpec {
  readonly _tag: "slotAutoencoder"
  /** From images to features [B, H, W, F]. */
  readonly encoder: LayerSpec
  readonly attention: SlotAttentionSpec
  /** From slots to images. */
  readonly decoder: DecoderSpec
}

/** Parameters of a slot autoencoder, part by part. */
export interface SlotAutoencoderParams {
  readonly encoder: Params
  readonly attention: SlotAttentionParams
  readonly decoder: Params
}

/** A slot autoencoder: a layer from images to slots and a painting. */
export type SlotAutoencoder = Layer<SlotAutoencoderParams, Tensor, Slots & Painting, SlotAutoencoderSpec>

/**
 * The decoder of a slot autoencoder: from slots to what they paint.
 *
 * @example
 * decoderOf(modelSpec(defaultConfig)) // a layer from [B, K, width]
 */
export const decoderOf = (spec: Pick<SlotAutoencoderSpec, "decoder">): Layer<Params, Tensor, Painting> =>
  layerOf(spec.decoder) as UncheckedLayer as Layer<Params, Tensor, Painting> // every decoder paints

/**
 * Images [B, H, W, C] to slots and the image that they paint, in the units of the input.
 *
 * @example
 * const model = slotAutoencoder(modelSpec(defaultConfig))
 * const { reconstruction } = model.apply(model.init(key(0)), zeros([1, 35, 35, 3]), { key: key(1), mode: "eval" })
 * reconstruction.shape // [1, 35, 35, 3]
 */
export const slotAutoencoder = (spec: SlotAutoencoderSpec): SlotAutoencoder => {
  const encoder = layerOf(spec.encoder)
  const attention = slotAttention(spec.attention)
  const decoder = decoderOf(spec)
  return {
    spec,
    init: (key) => {
      const [e, a, d] = splitKeys(key, 3) as [Key, Key, Key]
      return { encoder: encoder.init(e), attention: attention.init(a), decoder: decoder.init(d) }
    },
    apply: (params, images, context) => {
      const features = applyPart(context, 0, "encoder", encoder, params.encoder, images)
      const found = applyPart(context, 1, "attention", attention, params.attention, features)
      return { ...found, ...applyPart(context, 2, "decoder", decoder, params.decoder, found.slots) }
    },
  }
}

defineLayer({
  tag: "slotAutoencoder",
  fields: {
    encoder: layerCodec,
    attention: layerWithTag<SlotAttentionSpec>("slot attention", "slotAttention"),
    decoder: layerWithTag<DecoderSpec>("a decoder", "broadcastDecoder", "spatialBroadcastDecoder"),
  },
  build: slotAutoencoder,
  example: (choose) => {
    const [height, width, channels] = [choose.int(1, 2), choose.int(2, 3), choose.int(1, 3)]
    const solver = slotSolver(2, adjointOf("oneStep", 2))
    const layer = slotAutoencoder({
      _tag: "slotAutoencoder",
      encoder: dense(channels, 3).spec,
      attention: slotAttention({ inputs: 3, slots: 2, width: 3, hidden: 2, solver }).spec,
      decoder: broadcastDecoder({ height, width, inputs: 3, hidden: 2, layers: 1, channels, frequencies: 0 }).spec,
    })
    return { layer, input: float(2, height, width, channels) }
  },
})

/** Reads the description of a model from outside: all that is needed to build it again. */
export const slotAutoencoderCodec = layerWithTag<SlotAutoencoderSpec>("a slot autoencoder", "slotAutoencoder")
