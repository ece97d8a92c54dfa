/** Spatial broadcast decoder (Watters et al. 2019) of a small network a pixel: every slot paints the whole image, and they share it out. */
import { showType, type Tensor, TraceError } from "../../core/index.js"
import { add, type Key, matmul, mul, relu, reshape, splitKeys } from "../../ops/index.js"
import { type DenseParams, defineLayer, dense, type Features, float, type Layer, placeFeatures, places } from "../layers/index.js"
import { optional, whole } from "../schema/index.js"
import { type Painting, painting } from "./painting.js"

/** A broadcast decoder of a small network a pixel, as data. */
export interface BroadcastDecoderSpec {
  readonly _tag: "broadcastDecoder"
  readonly height: number
  readonly width: number
  /** Features of a slot. */
  readonly inputs: number
  /** Hidden units of a pixel, in each of `layers` layers. */
  readonly hidden: number
  readonly layers: number
  readonly channels: number
  /** Octaves of Fourier features of a pixel's place. */
  readonly frequencies: number
}

/** The last layer's weights start this much smaller, so that training begins near a grey image instead of far off. */
const QUIET = 0.1

/** Parameters of a broadcast decoder. */
export interface BroadcastDecoderParams {
  /** Of a pixel's place, [features of places, inputs]. */
  readonly place: DenseParams
  readonly layers: readonly DenseParams[]
}

/**
 * From slots [B, K, inputs]. With p the features of a pixel's place, every pixel of every slot goes through one network,
 *
 *     h = relu((z + p W_p + b_p) W_1 + b_1), h <- relu(h W_l + b_l), (colours, a) = h W_L + b_L,
 *
 * and masks = softmax over slots of a, reconstruction = sum over slots of masks x colours. The first layer is linear in z and p
 * before its rectifier, so it is computed once a slot and once a place: z W_1 + ((p W_p + b_p) W_1 + b_1).
 *
 * @example
 * const decoder = broadcastDecoder({ height: 4, width: 4, inputs: 8, hidden: 16, layers: 2, channels: 3, frequencies: 0 })
 * decoder.apply(decoder.init(key(0)), zeros([1, 5, 8]), { mode: "eval" }).masks.shape // [1, 5, 4, 4]
 */
export const broadcastDecoder = (
  spec: Omit<BroadcastDecoderSpec, "_tag">,
): Layer<BroadcastDecoderParams, Features<number>, Painting, BroadcastDecoderSpec> => {
  const { height, width, inputs, hidden, channels, frequencies } = spec
  const place = dense(placeFeatures(frequencies), inputs)
  const first = dense(inputs, hidden, { activation: "relu" })
  const more = Array.from({ length: spec.layers - 1 }, () => dense(hidden, hidden, { activation: "relu" }))
  const last = dense(hidden, channels + 1)
  return {
    spec: { _tag: "broadcastDecoder", ...spec },
    init: (key) => {
      const [p, q, ...keys] = splitKeys(key, spec.layers + 2) as [Key, Key, ...Key[]]
      const { w, b } = last.init(q)
      return {
        place: place.init(p),
        layers: [...[first, ...more].map((layer, i) => layer.init(keys[i] as Key)), { w: mul(w, QUIET) as Tensor, b }],
      }
    },
    apply: (params, x, context) => {
      const slots = x as Tensor
      if (slots.shape.length !== 3 || slots.shape[2] !== inputs)
        throw new TraceError(`broadcastDecoder: expected slots [B, K, ${inputs}], found ${showType(slots.type)}`)
      const [batch, count] = slots.shape as [number, number]
      const [{ w, b }, ...rest] = params.layers as readonly [DenseParams, ...DenseParams[]]
      const where = reshape(places(height, width, frequencies), [height * width, -1]) as Tensor
      const ofPlaces = add(matmul(place.apply(params.place, where, context), w) as Tensor, b as Tensor) as Tensor
      const ofSlots = reshape(matmul(slots, w) as Tensor, [batch, count, 1, hidden]) as Tensor
      const features = relu(add(ofSlots, ofPlaces) as Tensor)
      const painted = [...more, last].reduce<Tensor>((h, layer, i) => layer.apply(rest[i] as DenseParams, h, context) as Tensor, features)
      return painting(painted, height, width)
    },
  }
}

defineLayer({
  tag: "broadcastDecoder",
  fields: {
    height: whole(1, 1024),
    width: whole(1, 1024),
    inputs: whole(1, 65536),
    hidden: whole(1, 65536),
    layers: whole(1, 16),
    channels: optional(whole(1, 64), 3),
    frequencies: optional(whole(0, 10), 0),
  },
  build: broadcastDecoder,
  example: (choose) => {
    const inputs = choose.int(1, 3)
    const [height, width, channels] = [choose.int(1, 3), choose.int(1, 3), choose.int(1, 3)]
    const sizes = { hidden: choose.int(1, 3), layers: choose.int(1, 2), frequencies: choose.int(0, 1) }
    return {
      layer: broadcastDecoder({ height, width, inputs, channels, ...sizes }),
      input: float(choose.int(1, 2), choose.int(1, 3), inputs),
    }
  },
})
