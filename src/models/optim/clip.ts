/** Gradient clipping (Pascanu, Mikolov and Bengio 2013). */
import type { Tensor } from "../../core/index.js"
import { div, full, less, mul, where } from "../../ops/index.js"
import { positive, variant } from "../schema/index.js"
import type { Transformation } from "./transformation.js"
import { globalNorm, mapTrees } from "./tree.js"

export interface ClipSpec {
  readonly _tag: "clipByGlobalNorm"
  readonly limit: number
}

export const clipCodec = variant("clipByGlobalNorm", { limit: positive })

/** g <- g min(1, limit / |g|), with |g| the Euclidean norm over all parameters. */
export const clipByGlobalNorm = (limit: number): Transformation<null, ClipSpec> => ({
  spec: { _tag: "clipByGlobalNorm", limit },
  init: () => null,
  update: (gradients) => {
    const size = globalNorm(gradients)
    const one = full([], 1) as Tensor<[]>
    const factor = where(less(full([], limit) as Tensor<[]>, size), div(limit, size) as Tensor<[]>, one)
    return [mapTrees("clipByGlobalNorm", (g) => mul(g as Tensor, factor as Tensor) as Tensor, gradients), null]
  },
})
