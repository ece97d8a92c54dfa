/**
 * A small SLATE, T6: images of 32 x 32 as 8 x 8 words of 128, slots of the words, and a decoder of two blocks. All that is random is data:
 * Gumbel noise of the soft words and of the words that are told, and the noise of the slots; there is no dropout.
 */
import type { TensorSpec, Tensors } from "./spec.js"
import { conv, dense, glorot, norm, normal, of, slotAttention, small } from "./tensors.js"

export const slateSizes = { side: 32, vocabulary: 128, features: 64, blocks: 2, heads: 4, slots: 4, batch: 16 } as const

const { side, vocabulary, features, slots, batch } = slateSizes
const words = side / 4

/** A convolution without a shift, normalised as one group. */
const convBlock = (name: string, size: number, inputs: number, outputs: number): Tensors => ({
  [`${name}.w`]: glorot(size, size, inputs, outputs),
  ...norm(name, outputs),
})

/** The part of the painter from block i on that doubles the sides. */
const doubling = (i: number): Tensors => ({
  ...convBlock(`p${i}`, 3, 64, 64),
  ...convBlock(`p${i + 1}`, 1, 64, 64),
  ...convBlock(`p${i + 2}`, 1, 64, 64),
  ...convBlock(`p${i + 3}`, 1, 64, 256),
})

const attention = (name: string): Tensors =>
  Object.fromEntries(["q", "k", "v", "o"].map((part) => [`${name}${part}.w`, glorot(features, features)]))

/** Block i has the names b<i>.*: attention to the words before, to the slots (c), and a network. */
const block = (i: number): Tensors => ({
  ...norm(`b${i}.n0`, features),
  ...attention(`b${i}.`),
  ...norm(`b${i}.n1`, features),
  ...attention(`b${i}.c`),
  ...norm(`b${i}.n2`, features),
  ...dense(`b${i}.f0`, features, 4 * features),
  ...dense(`b${i}.f1`, 4 * features, features),
})

export const slateParams: Tensors = {
  ...convBlock("e0", 4, 3, 64),
  ...Object.assign({}, ...[1, 2, 3, 4, 5, 6].map((i) => convBlock(`e${i}`, 1, 64, 64))),
  ...conv("e7", 1, 64, vocabulary),
  ...convBlock("p0", 1, vocabulary, 64),
  ...doubling(1),
  ...doubling(5),
  ...conv("p9", 1, 64, 3),
  emb: normal(vocabulary + 1, features),
  pos: small(0.02, words * words + 1, features),
  ...norm("s.n", features),
  ...dense("s0", features, features),
  ...dense("s1", features, features),
  ...slotAttention(features, features, features),
  "so.w": glorot(features, features),
  ...Object.assign({}, ...Array.from({ length: slateSizes.blocks }, (_, i) => block(i))),
  ...norm("nf", features),
  "out.w": glorot(features, vocabulary),
}

const gumbel = (): TensorSpec => of({ t: "gumbel" }, batch, words, words, vocabulary)

export const slateData: Tensors = {
  x: normal(batch, side, side, 3),
  soft: gumbel(),
  drawn: gumbel(),
  noise: normal(batch, slots, features),
}
