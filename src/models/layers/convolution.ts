/** Convolution of images. */
import { showType, type Tensor, TraceError } from "../../core/index.js"
import { add, conv } from "../../ops/index.js"
import { optional, variant, whole } from "../schema/index.js"
import { type Activation, activate, activationCodec, weightsBefore } from "./activation.js"
import { checkFeatures } from "./dense.js"
import { none } from "./initial.js"
import type { Features, Layer } from "./layer.js"

export interface ConvolutionSpec {
  readonly _tag: "convolution"
  readonly inputs: number
  readonly outputs: number
  /** Side of the square kernel. */
  readonly kernel: number
  readonly stride: number
  readonly activation: Activation
}

export const convolutionCodec = variant("convolution", {
  inputs: whole(1, 4096),
  outputs: whole(1, 4096),
  kernel: whole(1, 31),
  stride: optional(whole(1, 16), 1),
  activation: optional(activationCodec, "none"),
})

/** `w` is [kernel, kernel, inputs, outputs]. */
export interface ConvolutionParams {
  readonly w: Tensor
  readonly b: Tensor
}

export interface ConvolutionOptions {
  /** Default 1. */
  readonly stride?: number
  /** Default none. */
  readonly activation?: Activation
}

/**
 * y[n, i, j, o] = activation(b[o] + sum over a, b, c of x[n, s i + a - p, s j + b - p, c] w[a, b, c, o]) on [N, H, W, C], zeros around
 * the image so that the result has ceil(H / s) rows.
 *
 * @example
 * convolution(3, 32, 5, { activation: "relu" })
 */
export const convolution = <const I extends number, const O extends number>(
  inputs: I,
  outputs: O,
  kernel: number,
  { stride = 1, activation = "none" }: ConvolutionOptions = {},
): Layer<ConvolutionParams, Features<I>, Features<O>, ConvolutionSpec> => ({
  spec: { _tag: "convolution", inputs, outputs, kernel, stride, activation },
  init: (key) => {
    const area = kernel * kernel
    const units = { inputs: area * inputs, outputs: area * outputs }
    return { w: weightsBefore(activation, key, [kernel, kernel, inputs, outputs], units), b: none(outputs) }
  },
  apply: ({ w, b }, x) => {
    const image = x as Tensor
    if (image.shape.length !== 4)
      throw new TraceError(`convolution: expected images [N, height, width, ${inputs}], found ${showType(image.type)}`)
    checkFeatures("convolution", image, inputs)
    return activate(activation, add(conv(image, w, { stride }), b)) as Features<O>
  },
})
