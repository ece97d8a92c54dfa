/** Gradient clipping (Pascanu, Mikolov and Bengio 2013). */
import type { Tensor } from "../../core/index.js"
import { div, full, less, mul, where } from "../../ops/index.js"
import { positive, variant } from "../schema/index.js"
import type { Transformation } from "./transformation.js"
import { globalNorm, infinityNorm, mapTrees } from "./tree.js"

/** Clipping by the global norm, as data. */
export interface ClipSpec {
  readonly _tag: "clipByGlobalNorm"
  readonly limit: number
}

/** Clipping by the largest magnitude, as data. */
export interface ClipInfinitySpec {
  readonly _tag: "clipByInfinityNorm"
  readonly limit: number
}

export const clipCodec = variant("clipByGlobalNorm", { limit: positive })
export const clipInfinityCodec = variant("clipByInfinityNorm", { limit: positive })

/** All of a tree by one factor, so that a norm is at most the limit. The direction stays. */
const clipped = <P>(what: string, gradients: P, size: Tensor<[]>, limit: number): P => {
  const one = full([], 1) as Tensor<[]>
  const factor = where(less(full([], limit) as Tensor<[]>, size), div(limit, size) as Tensor<[]>, one)
  return mapTrees(what, (g) => mul(g as Tensor, factor as Tensor) as Tensor, gradients)
}

/**
 * g <- g min(1, limit / |g|), with |g| the Euclidean norm over all parameters.
 *
 * @example
 * chain(clipByGlobalNorm(1), adam({ rate: 1e-3 }))
 */
export const clipByGlobalNorm = (limit: number): Transformation<null, ClipSpec> => ({
  spec: { _tag: "clipByGlobalNorm", limit },
  init: () => null,
  update: (gradients) => [clipped("clipByGlobalNorm", gradients, globalNorm(gradients), limit), null],
})

/**
 * g <- g min(1, limit / |g|), with |g| the largest magnitude of any number of the gradient: what SLATE's authors train with.
 *
 * @example
 * chain(clipByInfinityNorm(0.1), sgd({ rate: 1e-2 }))
 */
export const clipByInfinityNorm = (limit: number): Transformation<null, ClipInfinitySpec> => ({
  spec: { _tag: "clipByInfinityNorm", limit },
  init: () => null,
  update: (gradients) => [clipped("clipByInfinityNorm", gradients, infinityNorm(gradients), limit), null],
})
