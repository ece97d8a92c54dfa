/** Vectors for whole numbers. */
import { showType, type Tensor, TraceError, type Unchecked } from "../../core/index.js"
import { mul, normal, take } from "../../ops/index.js"
import { optional, positive, whole } from "../schema/index.js"
import type { Features, Layer } from "./layer.js"
import { defineLayer } from "./registry.js"

/** An embedding as data. */
export interface EmbeddingSpec {
  readonly _tag: "embedding"
  readonly vocabulary: number
  readonly features: number
  readonly deviation: number
}

/** Parameters of an embedding: one row a word. */
export interface EmbeddingParams {
  /** [vocabulary, features] */
  readonly table: Tensor
}

/**
 * y = table[x] for whole numbers x of any shape: [...] -> [..., features]. A number outside [0, vocabulary) has the vector 0, and no
 * gradient. Entries start normal with this deviation (1 by default, as in PyTorch).
 *
 * @example
 * embedding(1024, 192)
 */
export const embedding = <const N extends number>(
  vocabulary: number,
  features: N,
  deviation = 1,
): Layer<EmbeddingParams, Tensor<Unchecked, "int">, Features<N>, EmbeddingSpec> => ({
  spec: { _tag: "embedding", vocabulary, features, deviation },
  init: (key) => ({ table: mul(normal(key, [vocabulary, features]) as Tensor, deviation) }),
  apply: ({ table }, x) => {
    if (x.type.elem !== "int")
      throw new TraceError(`embedding: expected whole numbers, found ${showType(x.type)}; cast(x, "int") makes them`)
    return take(table, x) as Features<N>
  },
})

defineLayer({
  tag: "embedding",
  fields: { vocabulary: whole(1, 2 ** 24), features: whole(1, 65536), deviation: optional(positive, 1) },
  build: ({ vocabulary, features, deviation }) => embedding(vocabulary, features, deviation),
  example: (choose) => {
    const vocabulary = choose.int(1, 5)
    return {
      layer: embedding(vocabulary, choose.int(1, 3)),
      input: { elem: "int", shape: choose.shape(2) },
      below: vocabulary,
    }
  },
})
