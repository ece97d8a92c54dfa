/** Soft position embedding (Locatello et al. 2020), and the features of a place that it is made of. */
import { showType, type Tensor, TraceError, tensor } from "../../core/index.js"
import { add, matmul } from "../../ops/index.js"
import { optional, whole } from "../schema/index.js"
import { glorot, none } from "./initial.js"
import type { Features, Layer } from "./layer.js"
import { defineLayer, float } from "./registry.js"

/**
 * Features of every place of an image, [height, width, 4 + 4 frequencies]: with y and x running over [0, 1],
 *
 *     y, x, 1 - y, 1 - x,   and for f < frequencies   sin(2^f pi y), cos(2^f pi y), sin(2^f pi x), cos(2^f pi x).
 *
 * The first four are those of slot attention; the others (Fourier features; Tancik et al. 2020) let a small network draw sharp outlines.
 *
 * @example
 * places(14, 14, 0) // [14, 14, placeFeatures(0)]
 */
export const places = (height: number, width: number, frequencies: number): Tensor => {
  const along = (i: number, n: number) => (n === 1 ? 0 : i / (n - 1))
  const waves = (t: number) => (f: number) => [Math.sin(2 ** f * Math.PI * t), Math.cos(2 ** f * Math.PI * t)]
  const octaves = Array.from({ length: frequencies }, (_, f) => f)
  const rows = Array.from({ length: height }, (_, i) => along(i, height))
  const columns = Array.from({ length: width }, (_, j) => along(j, width))
  const features = rows.flatMap((y) =>
    columns.flatMap((x) => [y, x, 1 - y, 1 - x, ...octaves.flatMap((f) => [...waves(y)(f), ...waves(x)(f)])]),
  )
  return tensor(Float64Array.from(features), [height, width, 4 + 4 * frequencies]) as Tensor
}

/**
 * How many features `places` gives.
 *
 * @example
 * placeFeatures(2) // 12
 */
export const placeFeatures = (frequencies: number): number => 4 + 4 * frequencies

/** A position embedding of images as data. */
export interface PositionEmbeddingSpec {
  readonly _tag: "positionEmbedding"
  readonly height: number
  readonly width: number
  readonly features: number
  readonly frequencies: number
}

/** Parameters of a position embedding. */
export interface PositionEmbeddingParams {
  readonly w: Tensor
  readonly b: Tensor
}

/**
 * y = x + g W + b on [N, height, width, features], with g the features of places.
 *
 * @example
 * positionEmbedding(14, 14, 32)
 */
export const positionEmbedding = <const N extends number>(
  height: number,
  width: number,
  features: N,
  frequencies = 0,
): Layer<PositionEmbeddingParams, Features<N>, Features<N>, PositionEmbeddingSpec> => ({
  spec: { _tag: "positionEmbedding", height, width, features, frequencies },
  init: (key) => {
    const inputs = placeFeatures(frequencies)
    return { w: glorot(key, [inputs, features], inputs, features), b: none(features) }
  },
  apply: ({ w, b }, x) => {
    const image = x as Tensor
    if (image.shape.slice(-3).join() !== [height, width, features].join())
      throw new TraceError(`positionEmbedding: expected images [N, ${height}, ${width}, ${features}], found ${showType(image.type)}`)
    return add(image, add(matmul(places(height, width, frequencies), w), b) as Tensor) as Features<N>
  },
})

defineLayer({
  tag: "positionEmbedding",
  fields: {
    height: whole(1, 1024),
    width: whole(1, 1024),
    features: whole(1, 65536),
    frequencies: optional(whole(0, 10), 0),
  },
  build: ({ height, width, features, frequencies }) => positionEmbedding(height, width, features, frequencies),
  example: (choose) => {
    const [height, width, features] = [choose.int(1, 3), choose.int(1, 3), choose.int(1, 3)]
    return {
      layer: positionEmbedding(height, width, features, choose.int(0, 2)),
      input: float(choose.int(1, 2), height, width, features),
    }
  },
})
