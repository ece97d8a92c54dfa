/** Cosine similarity. */
import type { Tensor } from "../core/index.js"
import { div, mul } from "./arithmetic.js"
import { maximum } from "./extrema.js"
import { checkSameShape } from "./loss.js"
import { normalAxes } from "./normal-axes.js"
import { norm } from "./norms.js"
import { sum } from "./reduce.js"
import { keepAxes } from "./reduced-axes.js"

/** Options of `cosineSimilarity`. */
export interface SimilarityOptions {
  /** The axis of a vector, or several; the last one by default. */
  readonly axes?: readonly number[]
  /** The least that either norm counts for; default 1e-8. */
  readonly epsilon?: number
  readonly keepDims?: boolean
}

/**
 * Cosine of the angle between vectors, `<a, b> / (|a| |b|)`, along an axis; 0 where one of them is 0. The loss is 1 less it.
 *
 * @throws TraceError where the shapes differ.
 *
 * @example
 * evaluate(cosineSimilarity(tensor([1, 0]), tensor([3, 4]))) // right(0.6)
 */
export const cosineSimilarity = (a: Tensor, b: Tensor, { axes = [-1], epsilon = 1e-8, keepDims }: SimilarityOptions = {}): Tensor => {
  checkSameShape("cosineSimilarity", a, b)
  const gone = normalAxes("cosineSimilarity", a.shape.length, axes)
  const length = (x: Tensor): Tensor => maximum(norm(x, { axes: gone }), epsilon) as Tensor
  const product = sum(mul(a, b) as Tensor, gone) as Tensor
  return keepAxes(div(div(product, length(a)) as Tensor, length(b)) as Tensor, a.shape, gone, keepDims)
}
