/**
 * The discrete variational autoencoder of SLATE (Singh, Deng and Ahn 2022): an image of H x W pixels as H/4 x W/4 words, and back. Words
 * are drawn by Gumbel-softmax, soft while it trains.
 */
import type { Tensor } from "../../core/index.js"
import { argmax, gumbelSoftmax, type Key, oneHot, reshape, stopGradient } from "../../ops/index.js"
import { convolution, type Layer, type LayerSpec, layerOf, type Params, pixelShuffling, seq } from "../layers/index.js"
import { convBlock } from "./conv-block.js"

/** Sizes of the discrete VAE. */
export interface DvaeOptions {
  readonly vocabulary: number
  /** Features within. Default 64. */
  readonly features?: number
  /** Of an image. Default 3. */
  readonly channels?: number
}

/** Pixels along a side of what one word stands for. */
export const wordSide = 4

/** One after another, by their descriptions: their number is data, so that the types can't follow what each takes. */
const chained = (layers: readonly { readonly spec: LayerSpec }[]): Layer<Params, Tensor, Tensor> =>
  layerOf(seq(...layers.map(({ spec }) => layerOf(spec))).spec)

/**
 * From images [B, H, W, channels] to scores of words [B, H/4, W/4, vocabulary].
 *
 * @example
 * dvaeEncoder({ vocabulary: 128 })
 */
export const dvaeEncoder = ({ vocabulary, features = 64, channels = 3 }: DvaeOptions): Layer<Params, Tensor, Tensor> =>
  chained([
    convBlock(channels, features, wordSide, wordSide),
    ...Array.from({ length: 6 }, () => convBlock(features, features)),
    convolution(features, vocabulary, 1),
  ])

/**
 * From words [B, h, w, vocabulary], one-hot or soft, to images [B, 4 h, 4 w, channels], not squashed.
 *
 * @example
 * dvaeDecoder({ vocabulary: 128 })
 */
export const dvaeDecoder = ({ vocabulary, features = 64, channels = 3 }: DvaeOptions): Layer<Params, Tensor, Tensor> => {
  const block = (kernel: number, outputs = features) => convBlock(features, outputs, kernel)
  const doubled = () => [block(3), block(1), block(1), block(1, 4 * features), pixelShuffling(2)]
  return chained([convBlock(vocabulary, features), ...doubled(), ...doubled(), convolution(features, channels, 1)])
}

/** How words are drawn. */
export interface Drawing {
  readonly key: Key
  readonly temperature: number | Tensor<[]>
  /** One-hot words, whose derivative is that of the soft ones ("straight-through"). */
  readonly hard: boolean
}

/**
 * Words drawn from scores [B, h, w, vocabulary].
 *
 * @example
 * drawWords(scores, { key: key(0), temperature: 0.5, hard: false }) // rows that sum to one
 */
export const drawWords = (scores: Tensor, { key, temperature, hard }: Drawing): Tensor => gumbelSoftmax(key, scores, temperature, { hard })

/**
 * The most probable words of scores [B, h, w, vocabulary], one-hot and constant to every transform.
 *
 * @example
 * likelyWords(tensor([[[[0, 2, 1]]]])) // [[[[0, 1, 0]]]]
 */
export const likelyWords = (scores: Tensor): Tensor =>
  stopGradient(oneHot(argmax(scores, -1), scores.shape[scores.shape.length - 1] as number) as Tensor)

/**
 * Words [B, h, w, vocabulary] in reading order, [B, h w, vocabulary].
 *
 * @example
 * inOrder(zeros([1, 2, 3, 5])).shape // [1, 6, 5]
 */
export const inOrder = (words: Tensor): Tensor =>
  reshape(words, [words.shape[0] as number, -1, words.shape[words.shape.length - 1] as number]) as Tensor
