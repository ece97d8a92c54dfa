/** Spatial broadcast decoder (Watters et al. 2019) of transposed convolutions, as in slot attention: every slot paints the whole image. */
import { showType, type Tensor, TraceError } from "../../core/index.js"
import { broadcastTo, type Key, reshape, splitKeys } from "../../ops/index.js"
import {
  applyPart,
  defineLayer,
  type Features,
  float,
  type Layer,
  type LayerSpec,
  layerCodec,
  layerOf,
  type Params,
  type PositionEmbeddingParams,
  positionEmbedding,
  seq,
  transposedConvolution,
} from "../layers/index.js"
import { whole } from "../schema/index.js"
import { type Painting, painting } from "./painting.js"

/** A spatial broadcast decoder as data. */
export interface SpatialBroadcastDecoderSpec {
  readonly _tag: "spatialBroadcastDecoder"
  /** Places that a slot is copied to. */
  readonly height: number
  readonly width: number
  /** Features of a slot. */
  readonly inputs: number
  readonly channels: number
  /** From [B K, height, width, inputs] to images [B K, H, W, channels + 1]. */
  readonly network: LayerSpec
}

/** Parameters of a spatial broadcast decoder. */
export interface SpatialBroadcastDecoderParams {
  readonly position: PositionEmbeddingParams
  readonly network: Params
}

/**
 * From slots [B, K, inputs]: each is copied to every place of a grid, the places' soft position embedding is added, and one network makes
 * an image of it, with one channel more than colours, a. masks = softmax over slots of a, reconstruction = sum over slots of masks x colours.
 *
 * @throws TraceError where the network doesn't give images of `channels + 1` channels.
 *
 * @example
 * const network = transposedConvolution(8, 4, 5, { stride: 2 }).spec
 * const decoder = spatialBroadcastDecoder({ height: 4, width: 4, inputs: 8, channels: 3, network })
 * decoder.apply(decoder.init(key(0)), zeros([1, 5, 8]), { mode: "eval" }).reconstruction.shape // [1, 8, 8, 3]
 */
export const spatialBroadcastDecoder = (
  spec: Omit<SpatialBroadcastDecoderSpec, "_tag">,
): Layer<SpatialBroadcastDecoderParams, Features<number>, Painting, SpatialBroadcastDecoderSpec> => {
  const { height, width, inputs, channels } = spec
  const position = positionEmbedding(height, width, inputs)
  const network = layerOf(spec.network)
  return {
    spec: { _tag: "spatialBroadcastDecoder", ...spec },
    init: (key) => {
      const [p, n] = splitKeys(key, 2) as [Key, Key]
      return { position: position.init(p), network: network.init(n) }
    },
    apply: (params, x, context) => {
      const slots = x as Tensor
      if (slots.shape.length !== 3 || slots.shape[2] !== inputs)
        throw new TraceError(`spatialBroadcastDecoder: expected slots [B, K, ${inputs}], found ${showType(slots.type)}`)
      const [batch, count] = slots.shape as [number, number]
      const copied = broadcastTo(reshape(slots, [batch * count, 1, 1, inputs]) as Tensor, [batch * count, height, width, inputs])
      const placed = applyPart(context, 0, "position", position, params.position, copied as Features<number>) as Tensor
      const made = applyPart(context, 1, "network", network, params.network, placed)
      const [images, high, wide, features] = made.shape
      if (made.shape.length !== 4 || images !== batch * count || features !== channels + 1)
        throw new TraceError(
          `spatialBroadcastDecoder: the network must give images [${batch * count}, height, width, ${channels + 1}] of ${channels} colours and a share, found ${showType(made.type)}`,
        )
      const [h, w] = [high as number, wide as number]
      return painting(reshape(made, [batch, count, h * w, channels + 1]) as Tensor, h, w)
    },
  }
}

defineLayer({
  tag: "spatialBroadcastDecoder",
  fields: { height: whole(1, 1024), width: whole(1, 1024), inputs: whole(1, 65536), channels: whole(1, 64), network: layerCodec },
  build: spatialBroadcastDecoder,
  example: (choose) => {
    const [inputs, channels] = [choose.int(1, 2), choose.int(1, 2)]
    const network = seq(
      transposedConvolution(inputs, 2, 3, { stride: 2, activation: "relu" }),
      transposedConvolution(2, channels + 1, 1),
    ).spec
    return {
      layer: spatialBroadcastDecoder({ height: choose.int(1, 2), width: choose.int(1, 2), inputs, channels, network }),
      input: float(choose.int(1, 2), choose.int(1, 2), inputs),
    }
  },
})
