/** The block of which SLATE's discrete VAE is made. */
import type { Tensor } from "../../core/index.js"
import { conv, type Key, relu } from "../../ops/index.js"
import { applyPart, defineLayer, type Features, float, groupNorm, he, type Layer, type LayerNormParams } from "../layers/index.js"
import { optional, whole } from "../schema/index.js"

/** A convolution block as data. */
export interface ConvBlockSpec {
  readonly _tag: "convBlock"
  readonly inputs: number
  readonly outputs: number
  readonly kernel: number
  readonly stride: number
}

/** `w` is [kernel, kernel, inputs, outputs]. */
export interface ConvBlockParams {
  readonly w: Tensor
  readonly norm: LayerNormParams
}

/**
 * relu(GroupNorm_1(conv(x))) on images [B, H, W, inputs]: a convolution without a shift, normalised over all places and features of an image,
 * as in the discrete VAE of SLATE. With a stride, windows don't overlap and nothing is padded; otherwise the size stays.
 *
 * @example
 * convBlock(3, 64, 4, 4) // [B, 32, 32, 3] -> [B, 8, 8, 64]
 */
export const convBlock = <const I extends number, const O extends number>(
  inputs: I,
  outputs: O,
  kernel = 1,
  stride = 1,
): Layer<ConvBlockParams, Features<I>, Features<O>, ConvBlockSpec> => {
  const norm = groupNorm(1, outputs)
  return {
    spec: { _tag: "convBlock", inputs, outputs, kernel, stride },
    init: (key: Key) => ({
      w: he(key, [kernel, kernel, inputs, outputs], kernel * kernel * inputs),
      norm: norm.init(key),
    }),
    apply: (params, x, context) => {
      const y = conv(x as Tensor, params.w, { stride, padding: stride === 1 ? "same" : "valid" })
      return relu(applyPart(context, 0, "norm", norm, params.norm, y as Features<O>)) as Features<O>
    },
  }
}

defineLayer({
  tag: "convBlock",
  fields: { inputs: whole(1, 65536), outputs: whole(1, 65536), kernel: optional(whole(1, 64), 1), stride: optional(whole(1, 64), 1) },
  build: ({ inputs, outputs, kernel, stride }) => convBlock(inputs, outputs, kernel, stride),
  example: (choose) => {
    const [inputs, stride] = [choose.int(1, 3), choose.int(1, 2)]
    const side = stride * choose.int(1, 2)
    return { layer: convBlock(inputs, choose.int(1, 3), stride === 1 ? 3 : stride, stride), input: float(2, side, side, inputs) }
  },
})
