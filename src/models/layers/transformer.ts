/** Transformer blocks (Vaswani et al. 2017): attention to the sequence itself, to a memory, and a small network on every element. */
import { isTensor, type Tensor } from "../../core/index.js"
import { add, type Key, splitKeys } from "../../ops/index.js"
import { flag, fraction, oneOf, optional, orNull, positive, whole } from "../schema/index.js"
import { type Activation, activationCodec } from "./activation.js"
import { type AttentionInput, type Mask, type MultiHeadAttentionParams, multiHeadAttention } from "./attention.js"
import { dropout } from "./dropout.js"
import { type FeedForwardParams, feedForward } from "./feed-forward.js"
import { applyPart, type Features, type Layer, type UncheckedLayer } from "./layer.js"
import { type LayerNormParams, layerNorm } from "./layer-norm.js"
import { defineLayer, float } from "./registry.js"

/** A sequence with what else a block looks at. */
export interface Tokens {
  /** [B, T, features] */
  readonly x: Tensor
  /** Which elements of x there are, [B, T]. Default all. */
  readonly present?: Mask
  /** What the block's cross-attention reads, [B, S, memory]. */
  readonly memory?: Tensor
  /** Which elements of the memory there are, [B, S]. Default all. */
  readonly memoryPresent?: Mask
}

/** A transformer block as data. */
export interface TransformerBlockSpec {
  readonly _tag: "transformerBlock"
  readonly features: number
  readonly heads: number
  readonly hidden: number
  readonly norm: "pre" | "post"
  readonly memory: number | null
  readonly causal: boolean
  readonly activation: Activation
  readonly bias: boolean
  readonly dropout: number
  readonly epsilon: number
}

/** A branch and the normalisation before or after it. */
export interface BranchParams<P> {
  readonly norm: LayerNormParams
  readonly of: P
}

/** Parameters of a transformer block. */
export interface TransformerBlockParams {
  readonly self: BranchParams<MultiHeadAttentionParams>
  /** Null for a block without a memory. */
  readonly cross: BranchParams<MultiHeadAttentionParams> | null
  readonly feedForward: BranchParams<FeedForwardParams>
}

/** Options of `transformerBlock`. */
export interface TransformerBlockOptions {
  /** Default 1. */
  readonly heads?: number
  /** Hidden units of the small network. Default 4 features. */
  readonly hidden?: number
  /**
   * "pre": x + f(LN(x)), which trains without a warm-up (Xiong et al. 2020); "post": LN(x + f(x)), as in the first transformers. Default
   * "pre".
   */
  readonly norm?: "pre" | "post"
  /** Features of the memory that a decoder reads by cross-attention. Default null: an encoder's block. */
  readonly memory?: number | null
  /** Whether element t sees elements up to t only, as a decoder's do. Default false. */
  readonly causal?: boolean
  /** Default relu. */
  readonly activation?: Activation
  /** Whether the linear maps of attention have shifts. Default true. */
  readonly bias?: boolean
  /** Rate of dropout on attention weights, hidden units, and the output of each branch. Default 0. */
  readonly dropout?: number
  /** Of the layer normalisations. Default 1e-5. */
  readonly epsilon?: number
}

/**
 * Self-attention, cross-attention where there is a memory, and a small network, each with a path around it. It takes a tensor
 * [B, T, features], or `Tokens`, and gives the same with a new x, so that blocks stand after one another, in `seq` or in `repeat`.
 *
 * @throws TraceError when the heads don't divide the features, or a memory is missing.
 *
 * @example
 * transformerBlock(64, { heads: 4 }) // an encoder's block
 * transformerBlock<64, Tokens>(64, { heads: 4, causal: true, memory: 64 }) // a decoder's block: { x, memory } -> { x, memory }
 */
export const transformerBlock = <const N extends number, I extends Tensor | Tokens = Tensor>(
  features: N,
  options: TransformerBlockOptions = {},
): Layer<TransformerBlockParams, I, I, TransformerBlockSpec> => {
  const { heads = 1, hidden = 4 * features, norm = "pre", memory = null, causal = false, activation = "relu" } = options
  const { bias = true, dropout: rate = 0, epsilon = 1e-5 } = options
  const self = multiHeadAttention<N, AttentionInput>(features, { heads, causal, bias, dropout: rate })
  const cross = memory === null ? null : multiHeadAttention<N, AttentionInput>(features, { heads, memory, bias, dropout: rate })
  const network = feedForward(features, hidden, { activation, dropout: rate })
  const normal = layerNorm(features, epsilon)
  return {
    spec: { _tag: "transformerBlock", features, heads, hidden, norm, memory, causal, activation, bias, dropout: rate, epsilon },
    init: (key) => {
      const [s, c, f] = splitKeys(key, 3) as [Key, Key, Key]
      const branch = <P>(params: P): BranchParams<P> => ({ norm: normal.init(key), of: params })
      return {
        self: branch(self.init(s)),
        cross: cross === null ? null : branch(cross.init(c)),
        feedForward: branch(network.init(f)),
      }
    },
    apply: (params, input, context) => {
      const given: Tokens = isTensor(input) ? { x: input as Tensor } : (input as Tokens)
      const branch = <P>(place: number, name: string, x: Tensor, { norm: n, of }: BranchParams<P>, f: UncheckedLayer, rest: object) => {
        const normed = (t: Tensor) => applyPart(context, 3 * place, `${name}.norm`, normal, n, t as Features<N>) as Tensor
        const inner = norm === "pre" ? normed(x) : x
        const y: Tensor = applyPart(context, 3 * place + 1, `${name}.of`, f, of, f === network ? inner : { x: inner, ...rest })
        const kept = rate === 0 ? y : applyPart(context, 3 * place + 2, `${name}.dropout`, dropout(rate), null, y)
        const sum = add(x, kept) as Tensor
        return norm === "post" ? normed(sum) : sum
      }
      const seen = given.present === undefined ? {} : { present: given.present }
      const read = {
        ...(given.memory === undefined ? {} : { memory: given.memory }),
        ...(given.memoryPresent === undefined ? {} : { present: given.memoryPresent }),
      }
      const afterSelf = branch(0, "self", given.x, params.self, self, seen)
      const afterCross =
        cross === null ? afterSelf : branch(1, "cross", afterSelf, params.cross as BranchParams<MultiHeadAttentionParams>, cross, read)
      const x = branch(2, "feedForward", afterCross, params.feedForward, network, {})
      return (isTensor(input) ? x : { ...given, x }) as I
    },
  }
}

defineLayer({
  tag: "transformerBlock",
  fields: {
    features: whole(1, 65536),
    heads: optional(whole(1, 1024), 1),
    hidden: whole(1, 65536),
    norm: optional(oneOf("pre", "post"), "pre"),
    memory: optional(orNull(whole(1, 65536)), null),
    causal: optional(flag, false),
    activation: optional(activationCodec, "relu"),
    bias: optional(flag, true),
    dropout: optional(fraction, 0),
    epsilon: optional(positive, 1e-5),
  },
  build: (spec) => transformerBlock(spec.features, spec),
  example: (choose) => {
    const heads = choose.int(1, 2)
    const features = heads * choose.int(1, 2)
    const [batch, length] = [choose.int(1, 2), choose.int(1, 3)]
    const memory = choose.bool() ? choose.int(1, 2) : null
    const layer = transformerBlock(features, {
      heads,
      hidden: choose.int(1, 3),
      memory,
      norm: choose.bool() ? "pre" : "post",
      causal: choose.bool(),
      dropout: choose.bool() ? 0.25 : 0,
    })
    const x = float(batch, length, features)
    return { layer, input: memory === null ? x : { x, memory: float(batch, 2, memory) } }
  },
})
