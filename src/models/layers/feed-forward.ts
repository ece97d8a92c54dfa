/** The small network that a transformer has on every element of a sequence. */
import type { Tensor } from "../../core/index.js"
import { type Key, splitKeys } from "../../ops/index.js"
import { fraction, optional, whole } from "../schema/index.js"
import { type Activation, activationCodec } from "./activation.js"
import { type DenseParams, dense } from "./dense.js"
import { dropout } from "./dropout.js"
import { applyPart, type Features, type Layer } from "./layer.js"
import { defineLayer, float } from "./registry.js"

/** A feed-forward block as data. */
export interface FeedForwardSpec {
  readonly _tag: "feedForward"
  readonly features: number
  readonly hidden: number
  readonly activation: Activation
  readonly dropout: number
}

/** Parameters of a feed-forward block. */
export interface FeedForwardParams {
  readonly first: DenseParams
  readonly second: DenseParams
}

/** Options of `feedForward`. */
export interface FeedForwardOptions {
  /** Default relu. */
  readonly activation?: Activation
  /** Rate of dropout on the hidden units. Default 0. */
  readonly dropout?: number
}

/**
 * y = drop(activation(x W + b)) V + c on the last axis.
 *
 * @example
 * feedForward(64, 256, { activation: "gelu" })
 */
export const feedForward = <const N extends number>(
  features: N,
  hidden: number,
  { activation = "relu", dropout: rate = 0 }: FeedForwardOptions = {},
): Layer<FeedForwardParams, Features<N>, Features<N>, FeedForwardSpec> => {
  const [first, second] = [dense(features, hidden, { activation }), dense(hidden, features)]
  return {
    spec: { _tag: "feedForward", features, hidden, activation, dropout: rate },
    init: (key) => {
      const [a, b] = splitKeys(key, 2) as [Key, Key]
      return { first: first.init(a), second: second.init(b) }
    },
    apply: (params, x, context) => {
      const inner = applyPart(context, 0, "first", first, params.first, x) as Tensor
      const kept = rate === 0 ? inner : applyPart(context, 1, "dropout", dropout(rate), null, inner)
      return applyPart(context, 2, "second", second, params.second, kept as Features<number>) as Features<N>
    },
  }
}

defineLayer({
  tag: "feedForward",
  fields: {
    features: whole(1, 65536),
    hidden: whole(1, 65536),
    activation: optional(activationCodec, "relu"),
    dropout: optional(fraction, 0),
  },
  build: (spec) => feedForward(spec.features, spec.hidden, spec),
  example: (choose) => {
    const features = choose.int(1, 3)
    const layer = feedForward(features, choose.int(1, 3), { activation: "gelu", dropout: choose.bool() ? 0.25 : 0 })
    return { layer, input: float(...choose.shape(2), features) }
  },
})
