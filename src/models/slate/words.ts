/** Words of an image as vectors: a learned vector for each word, for the beginning of a sequence, and for each place. */
import { type Tensor, TraceError, type Unchecked } from "../../core/index.js"
import { add, type Key, normal, pad, splitKeys, take, truncatedNormal } from "../../ops/index.js"
import { applyPart, type Context, defineLayer, dropout, type Layer } from "../layers/index.js"
import { fraction, optional, whole } from "../schema/index.js"

/** An embedding of words as data. */
export interface WordEmbeddingSpec {
  readonly _tag: "wordEmbedding"
  readonly vocabulary: number
  /** Words of a sequence. */
  readonly length: number
  readonly features: number
  readonly dropout: number
}

/** Parameters of an embedding of words. */
export interface WordEmbeddingParams {
  /** [vocabulary + 1, features]: row 0 is the beginning of a sequence, row w + 1 is word w. */
  readonly table: Tensor
  /** [length + 1, features] */
  readonly places: Tensor
}

/** Numbers of words, [B, length]. */
export type Words = Tensor<Unchecked, "int">

/**
 * [B, T] numbers of words -> [B, T + 1, features]: first the vector of the beginning, then those of the words, each with the vector of
 * its place added, and dropout. The decoder reads all but the last, slot attention all but the first.
 *
 * @throws TraceError where there are other than `length` words.
 *
 * @example
 * wordEmbedding({ vocabulary: 128, length: 64, features: 64 })
 */
export const wordEmbedding = ({
  vocabulary,
  length,
  features,
  dropout: rate = 0.1,
}: {
  readonly vocabulary: number
  readonly length: number
  readonly features: number
  /** Default 0.1. */
  readonly dropout?: number
}): Layer<WordEmbeddingParams, Words, Tensor, WordEmbeddingSpec> => ({
  spec: { _tag: "wordEmbedding", vocabulary, length, features, dropout: rate },
  init: (key) => {
    const [t, p] = splitKeys(key, 2) as [Key, Key]
    return { table: normal(t, [vocabulary + 1, features]), places: truncatedNormal(p, [length + 1, features]) as Tensor }
  },
  apply: ({ table, places }, words, context: Context) => {
    const found = words.shape[1]
    if (words.shape.length !== 2 || found !== length)
      throw new TraceError(`wordEmbedding: expected words [B, ${length}], found [${words.shape.join(", ")}]`)
    // row 0 is the beginning
    const rows = pad(add(words, 1) as Words, [
      [0, 0],
      [1, 0],
    ])
    const embedded = add(take(table, rows) as Tensor, places) as Tensor
    return applyPart(context, 0, "dropout", dropout(rate), null, embedded)
  },
})

defineLayer({
  tag: "wordEmbedding",
  fields: {
    vocabulary: whole(1, 2 ** 24),
    length: whole(1, 65536),
    features: whole(1, 65536),
    dropout: optional(fraction, 0.1),
  },
  build: wordEmbedding,
  example: (choose) => {
    const [vocabulary, length] = [choose.int(1, 4), choose.int(1, 3)]
    const layer = wordEmbedding({ vocabulary, length, features: choose.int(1, 3), dropout: choose.bool() ? 0.25 : 0 })
    return { layer, input: { elem: "int", shape: [choose.int(1, 2), length] }, below: vocabulary }
  },
})
