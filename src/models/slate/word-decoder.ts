/**
 * The autoregressive decoder of SLATE: scores of every word of an image from the words before it and from the slots. Here all places at once,
 * for training; `cached-decoding.ts` has the same place by place.
 */
import { type Tensor, TraceError } from "../../core/index.js"
import { expandAxis, iota, type Key, lessEqual, mul, splitKeys } from "../../ops/index.js"
import {
  applyPart,
  type Context,
  defineLayer,
  dense,
  type Features,
  float,
  glorot,
  type Layer,
  type LayerNormParams,
  layerNorm,
  type Mask,
  partContext,
} from "../layers/index.js"
import { flag, fraction, optional, whole } from "../schema/index.js"
import { keysAndValues, onLast, type WordAttentionParams, type WordBlockParams, wordBlock } from "./word-block.js"

/** A decoder as data. */
export interface WordDecoderSpec {
  readonly _tag: "wordDecoder"
  readonly vocabulary: number
  readonly features: number
  readonly blocks: number
  readonly heads: number
  readonly dropout: number
  readonly normalisedStart: boolean
}

/** Options of `wordDecoder`. */
export interface WordDecoderOptions {
  readonly vocabulary: number
  readonly features: number
  readonly blocks: number
  /** Default 4. */
  readonly heads?: number
  /** Of attention weights, and of what each branch adds. Default 0.1. */
  readonly dropout?: number
  /**
   * Whether the first block starts from its normalised input, as in the published code, which the paper used: x <- LN(x), x <- x +
   * attention(x). Otherwise it is a block like the others. Default true.
   */
  readonly normalisedStart?: boolean
}

/** Parameters of a decoder. */
export interface WordDecoderParams {
  readonly blocks: readonly WordBlockParams[]
  readonly norm: LayerNormParams
  /** [features, vocabulary] */
  readonly output: Tensor
}

/** What a decoder reads. */
export interface WordDecoderInput {
  /** Vectors of the beginning and of all words but the last, [B, T, features]. */
  readonly x: Tensor
  /** [B, K, features] */
  readonly slots: Tensor
}

const atMostAt = (length: number): Mask => lessEqual(expandAxis(iota(length), 0), expandAxis(iota(length), 1)) as Mask

/** Scores of words from the last block's output. */
export const scored = (spec: WordDecoderSpec, params: WordDecoderParams, x: Tensor, context: Context): Tensor => {
  const normed = applyPart(context, spec.blocks, "norm", layerNorm(spec.features), params.norm, x as Features<number>) as Tensor
  return onLast(normed, params.output)
}

/**
 * Scores of the words [B, T, vocabulary], each from the words before it and the slots: `{ x, slots }` -> scores.
 *
 * @throws TraceError where the heads don't divide the features.
 *
 * @example
 * wordDecoder({ vocabulary: 128, features: 64, blocks: 4 })
 */
export const wordDecoder = (options: WordDecoderOptions): Layer<WordDecoderParams, WordDecoderInput, Tensor, WordDecoderSpec> => {
  const { vocabulary, features, blocks, heads = 4, dropout: rate = 0.1, normalisedStart = true } = options
  if (features % heads !== 0) throw new TraceError(`wordDecoder: ${heads} heads must divide the ${features} features`)
  const spec: WordDecoderSpec = { _tag: "wordDecoder", vocabulary, features, blocks, heads, dropout: rate, normalisedStart }
  // what each branch adds starts smaller the more branches there are
  const gain = (3 * blocks) ** -0.5
  const norm = layerNorm(features)
  return {
    spec,
    init: (key) => {
      const square = (of: Key) => glorot(of, [features, features], features, features)
      const attention = (of: Key): WordAttentionParams => {
        const [q, k, v, o] = splitKeys(of, 4) as [Key, Key, Key, Key]
        return { query: square(q), key: square(k), value: square(v), output: mul(square(o), gain) as Tensor }
      }
      const [last, ...keys] = splitKeys(key, blocks + 1) as [Key, ...Key[]]
      return {
        blocks: keys.map((of): WordBlockParams => {
          const [s, c, f, g] = splitKeys(of, 4) as [Key, Key, Key, Key]
          const second = dense(4 * features, features).init(g)
          return {
            selfNorm: norm.init(of),
            self: attention(s),
            crossNorm: norm.init(of),
            cross: attention(c),
            networkNorm: norm.init(of),
            network: [dense(features, 4 * features, { activation: "relu" }).init(f), { ...second, w: mul(second.w, gain) as Tensor }],
          }
        }),
        norm: norm.init(last),
        output: glorot(last, [features, vocabulary], features, vocabulary),
      }
    },
    apply: (params, { x, slots }, context) => {
      const mask = atMostAt(x.shape[1] as number)
      const last = params.blocks.reduce(
        (state, p, i) =>
          wordBlock(
            spec,
            i,
            p,
            partContext(context, i, `blocks.${i}`),
          )(state, keysAndValues(p.cross, slots, heads), (normed) => ({
            kept: keysAndValues(p.self, normed, heads),
            mask,
          })),
        x,
      )
      return scored(spec, params, last, context)
    },
  }
}

defineLayer({
  tag: "wordDecoder",
  fields: {
    vocabulary: whole(1, 2 ** 24),
    features: whole(1, 65536),
    blocks: whole(1, 256),
    heads: optional(whole(1, 1024), 4),
    dropout: optional(fraction, 0.1),
    normalisedStart: optional(flag, true),
  },
  build: wordDecoder,
  example: (choose) => {
    const heads = choose.int(1, 2)
    const features = heads * choose.int(1, 2)
    const layer = wordDecoder({
      vocabulary: choose.int(1, 3),
      features,
      blocks: choose.int(1, 2),
      heads,
      dropout: choose.bool() ? 0.25 : 0,
      normalisedStart: choose.bool(),
    })
    const batch = choose.int(1, 2)
    return { layer, input: { x: float(batch, choose.int(1, 3), features), slots: float(batch, choose.int(1, 2), features) } }
  },
})
