/**
 * Normalisations beside `layerNorm`. Batch normalisation is left out on purpose: its running averages are state that changes in the
 * forward pass, so a model with it is no pure function of its parameters; group normalisation does its work without.
 */
import { showType, type Tensor, TraceError } from "../../core/index.js"
import { add, div, mean, mul, reshape, restoreAxes, sqrt, square, sub } from "../../ops/index.js"
import { optional, positive, whole } from "../schema/index.js"
import { checkFeatures } from "./dense.js"
import { none, ones } from "./initial.js"
import type { Features, Layer } from "./layer.js"
import type { LayerNormParams } from "./layer-norm.js"
import { defineLayer, float } from "./registry.js"

const EPSILON = 1e-5

/** Group normalisation as data. */
export interface GroupNormSpec {
  readonly _tag: "groupNorm"
  readonly groups: number
  readonly features: number
  readonly epsilon: number
}

/**
 * Group normalisation (Wu and He 2018) of [N, ...spatial, features]: y = scale (x - m) / sqrt(v + epsilon) + shift, with mean m and
 * biased variance v over all places and the features of one group, of each example alone. One group normalises as SLATE does, as many
 * groups as features make it instance normalisation.
 *
 * @throws TraceError when the groups don't divide the features.
 *
 * @example
 * groupNorm(8, 64) // 8 groups of 8 features
 */
export const groupNorm = <const N extends number>(
  groups: number,
  features: N,
  epsilon: number = EPSILON,
): Layer<LayerNormParams, Features<N>, Features<N>, GroupNormSpec> => {
  if (features % groups !== 0) throw new TraceError(`groupNorm: ${groups} groups must divide the ${features} features`)
  return {
    spec: { _tag: "groupNorm", groups, features, epsilon },
    init: () => ({ scale: ones(features), shift: none(features) }),
    apply: ({ scale, shift }, input) => {
      const x = input as Tensor
      if (x.shape.length < 2) throw new TraceError(`groupNorm: expected [N, ...spatial, ${features}], found ${showType(x.type)}`)
      checkFeatures("groupNorm", x, features)
      const parts = reshape(x, [x.shape[0] as number, -1, groups, features / groups]) as Tensor
      const average = (t: Tensor): Tensor => restoreAxes(mean(t, [1, 3]) as Tensor, parts.shape, [1, 3])
      const centred = sub(parts, average(parts)) as Tensor
      const normal = div(centred, sqrt(add(average(square(centred)), epsilon) as Tensor)) as Tensor
      return add(mul(reshape(normal, x.shape) as Tensor, scale), shift) as Features<N>
    },
  }
}

defineLayer({
  tag: "groupNorm",
  fields: { groups: whole(1, 65536), features: whole(1, 65536), epsilon: optional(positive, EPSILON) },
  build: ({ groups, features, epsilon }) => groupNorm(groups, features, epsilon),
  example: (choose) => {
    const groups = choose.int(1, 3)
    const features = groups * choose.int(1, 3)
    return { layer: groupNorm(groups, features), input: float(choose.int(1, 2), ...choose.shape(2), features) }
  },
})

/** Normalisation by the root mean square as data. */
export interface RmsNormSpec {
  readonly _tag: "rmsNorm"
  readonly features: number
  readonly epsilon: number
}

/** Parameters of normalisation by the root mean square. */
export interface RmsNormParams {
  readonly scale: Tensor
}

/**
 * y = scale x / sqrt(mean(x^2) + epsilon) over the last axis (Zhang and Sennrich 2019).
 *
 * @example
 * rmsNorm(64)
 */
export const rmsNorm = <const N extends number>(
  features: N,
  epsilon: number = EPSILON,
): Layer<RmsNormParams, Features<N>, Features<N>, RmsNormSpec> => ({
  spec: { _tag: "rmsNorm", features, epsilon },
  init: () => ({ scale: ones(features) }),
  apply: ({ scale }, input) => {
    const x = input as Tensor
    checkFeatures("rmsNorm", x, features)
    const axes = [x.shape.length - 1]
    const size = sqrt(add(mean(square(x), axes) as Tensor, epsilon) as Tensor)
    return mul(div(x, restoreAxes(size, x.shape, axes)) as Tensor, scale) as Features<N>
  },
})

defineLayer({
  tag: "rmsNorm",
  fields: { features: whole(1, 65536), epsilon: optional(positive, EPSILON) },
  build: ({ features, epsilon }) => rmsNorm(features, epsilon),
  example: (choose) => {
    const features = choose.int(1, 4)
    return { layer: rmsNorm(features), input: float(...choose.shape(2), features) }
  },
})
