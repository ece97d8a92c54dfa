/** What slots look at: features of an image, place by place. */
import { TraceError } from "../../core/index.js"
import { convolution, dense, type LayerSpec, layerNorm, layerOf, positionEmbedding, seq } from "../layers/index.js"

/** The sizes of an encoder of images. */
export interface ImageEncoder {
  /** Side of an image in pixels. */
  readonly side: number
  /** Of a pixel. */
  readonly colours: number
  /** Of every convolution. */
  readonly channels: number
  /** Sides of the convolutions' kernels, at least one. */
  readonly kernels: readonly number[]
  /** Their strides; 1 where the list is shorter. Slots attend to one place for each product of them, in a row and in a column. */
  readonly strides: readonly number[]
  /** Octaves of Fourier features of a place, beside the four of the soft position embedding. */
  readonly frequencies: number
  /** Hidden units of the network that ends it. */
  readonly hidden: number
  /** Features of a place. */
  readonly outputs: number
}

/**
 * Images [B, side, side, colours] to features [B, H, W, outputs], as data: convolutions with rectifiers, the soft position embedding, a layer
 * normalisation and a small network for every place.
 *
 * @throws TraceError without a kernel
 *
 * @example
 * const sizes = { side: 14, colours: 3, channels: 32, hidden: 64, outputs: 32, frequencies: 0 }
 * layerOf(imageEncoder({ ...sizes, kernels: [5, 3], strides: [2] })) // [B, 14, 14, 3] -> [B, 7, 7, 32]
 */
export const imageEncoder = (sizes: ImageEncoder): LayerSpec => {
  const { side, colours, channels, kernels, strides, frequencies, hidden, outputs } = sizes
  if (kernels.length === 0) throw new TraceError("imageEncoder: expected at least one kernel, found none")
  const places = kernels.reduce((left, _, i) => Math.ceil(left / (strides[i] ?? 1)), side)
  const layers: readonly { readonly spec: LayerSpec }[] = [
    ...kernels.map((kernel, i) =>
      convolution(i === 0 ? colours : channels, channels, kernel, { activation: "relu", stride: strides[i] ?? 1 }),
    ),
    positionEmbedding(places, places, channels, frequencies),
    layerNorm(channels),
    dense(channels, hidden, { activation: "relu" }),
    dense(hidden, outputs),
  ]
  return seq(...layers.map(({ spec }) => layerOf(spec))).spec
}
