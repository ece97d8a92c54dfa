/** A slot autoencoder: features of an image, slots of the features, an image of the slots. */
import type { Tensor } from "../../core/index.js"
import { type Key, splitKeys } from "../../ops/index.js"
import { applyPart, type Layer, type LayerSpec, layerCodec, layerOf, type Params } from "../layers/index.js"
import { variant } from "../schema/index.js"
import {
  type BroadcastDecoderParams,
  type BroadcastDecoderSpec,
  broadcastDecoder,
  broadcastDecoderCodec,
  type Painting,
} from "./decoder.js"
import { type SlotAttentionParams, type SlotAttentionSpec, type Slots, slotAttention, slotAttentionCodec } from "./slot-attention.js"

export interface SlotAutoencoderSpec {
  readonly _tag: "slotAutoencoder"
  /** From images to features [B, H, W, F]. */
  readonly encoder: LayerSpec
  readonly attention: SlotAttentionSpec
  readonly decoder: BroadcastDecoderSpec
}

/** Reads the description of a model from outside: all that is needed to build it again. */
export const slotAutoencoderCodec = variant("slotAutoencoder", {
  encoder: layerCodec,
  attention: slotAttentionCodec,
  decoder: broadcastDecoderCodec,
})

export interface SlotAutoencoderParams {
  readonly encoder: Params
  readonly attention: SlotAttentionParams
  readonly decoder: BroadcastDecoderParams
}

export type SlotAutoencoder = Layer<SlotAutoencoderParams, Tensor, Slots & Painting, SlotAutoencoderSpec>

/** Images [B, H, W, C] to slots and the image that they paint, in the units of the input. */
export const slotAutoencoder = (spec: SlotAutoencoderSpec): SlotAutoencoder => {
  const encoder = layerOf(spec.encoder)
  const attention = slotAttention(spec.attention)
  const decoder = broadcastDecoder(spec.decoder)
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
