/** Layer normalisation (Ba, Kiros and Hinton 2016). */
import type { Tensor } from "../../core/index.js"
import { add, mul, standardize } from "../../ops/index.js"
import { optional, positive, whole } from "../schema/index.js"
import { checkFeatures } from "./dense.js"
import { none, ones } from "./initial.js"
import type { Features, Layer } from "./layer.js"
import { defineLayer, float } from "./registry.js"

/** Layer normalisation as data. */
export interface LayerNormSpec {
  readonly _tag: "layerNorm"
  readonly features: number
  readonly epsilon: number
}

/** Added to the variance. Keras has 1e-3 here, PyTorch and the slot attention papers' ports 1e-5. */
const EPSILON = 1e-5

/** Parameters of layer normalisation. */
export interface LayerNormParams {
  readonly scale: Tensor
  readonly shift: Tensor
}

/**
 * y = scale (x - mean(x)) / sqrt(var(x) + epsilon) + shift over the last axis; the variance is the biased one.
 *
 * @example
 * layerNorm(64)
 */
export const layerNorm = <const N extends number>(
  features: N,
  epsilon: number = EPSILON,
): Layer<LayerNormParams, Features<N>, Features<N>, LayerNormSpec> => ({
  spec: { _tag: "layerNorm", features, epsilon },
  init: () => ({ scale: ones(features), shift: none(features) }),
  apply: ({ scale, shift }, x) => {
    checkFeatures("layerNorm", x as Tensor, features)
    return add(mul(standardize(x as Tensor, epsilon), scale), shift) as Features<N>
  },
})

defineLayer({
  tag: "layerNorm",
  fields: { features: whole(1, 65536), epsilon: optional(positive, EPSILON) },
  build: ({ features, epsilon }) => layerNorm(features, epsilon),
  example: (choose) => {
    const features = choose.int(1, 4)
    return { layer: layerNorm(features, choose.bool() ? 1e-3 : EPSILON), input: float(...choose.shape(2), features) }
  },
})
