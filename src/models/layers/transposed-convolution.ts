/** Transposed convolution: what a convolution does to cotangents, as a layer that makes images larger. */
import type { Tensor } from "../../core/index.js"
import { add, convTranspose } from "../../ops/index.js"
import { type Activation, activate, activations, weightsBefore } from "./activation.js"
import { type ConvolutionOptions, type ConvolutionParams, checkGrid, checkGroups, convolutionFields } from "./convolution.js"
import { none } from "./initial.js"
import type { Features, Layer } from "./layer.js"
import { checkPadding, eachAxis, type Padding, type PerAxis } from "./per-axis.js"
import { defineLayer, float } from "./registry.js"

/** A transposed convolution as data. */
export interface TransposedConvolutionSpec {
  readonly _tag: "transposedConvolution"
  readonly inputs: number
  readonly outputs: number
  readonly kernel: PerAxis
  readonly spatial: number
  readonly stride: PerAxis
  readonly padding: Padding
  readonly dilation: PerAxis
  readonly groups: number
  readonly activation: Activation
  readonly bias: boolean
}

/** The options of a convolution, but for what the other direction means. */
export interface TransposedConvolutionOptions extends Omit<ConvolutionOptions, "stride" | "padding"> {
  /** Distance of the outputs that neighbouring inputs add to. Default 1. */
  readonly stride?: PerAxis
  /**
   * "same" gives size x stride, "valid" all that an input reaches, (size - 1) stride + dilation (kernel - 1) + 1, and pairs
   * `[before, after]` crop that. PyTorch's `padding=p, output_padding=q` is `[p, p - q]`. Default "same".
   */
  readonly padding?: Padding
}

/**
 * y[n, s i + d a - p, s j + d b - p, o] += x[n, i, j, c] w[a, b, o, c], then + b[o] and the activation: the transpose of the convolution
 * that has the same options and maps from the outputs to the inputs.
 *
 * `w` is [...kernel, outputs / groups, inputs], as in Keras; the convolution that is transposed has these weights.
 *
 * @throws TraceError when the groups don't divide the channels, or the input has another rank or number of channels.
 *
 * @example
 * transposedConvolution(64, 64, 5, { stride: 2, activation: "relu" }) // [N, 8, 8, 64] -> [N, 16, 16, 64]
 */
export const transposedConvolution = <const I extends number, const O extends number>(
  inputs: I,
  outputs: O,
  kernel: PerAxis,
  options: TransposedConvolutionOptions = {},
): Layer<ConvolutionParams, Features<I>, Features<O>, TransposedConvolutionSpec> => {
  const { spatial = 2, stride = 1, padding = "same", dilation = 1, groups = 1, activation = "none", bias = true } = options
  const name = "transposedConvolution"
  const sides = eachAxis(name, "kernel", kernel, spatial)
  const [steps, apart] = [eachAxis(name, "stride", stride, spatial), eachAxis(name, "dilation", dilation, spatial)]
  const crop = checkPadding(name, padding, spatial)
  checkGroups(name, groups, inputs, outputs)
  return {
    spec: { _tag: name, inputs, outputs, kernel, spatial, stride, padding, dilation, groups, activation, bias },
    init: (key) => {
      const area = sides.reduce((a, b) => a * b, 1)
      // an output sums over the elements of the kernel that a stride leaves it
      const reach = area / steps.reduce((a, b) => a * b, 1)
      const units = { inputs: Math.max(1, reach) * (inputs / groups), outputs: Math.max(1, reach) * (outputs / groups) }
      return { w: weightsBefore(activation, key, [...sides, outputs / groups, inputs], units), b: bias ? none(outputs) : null }
    },
    apply: ({ w, b }, input) => {
      const x = input as Tensor
      checkGrid(name, x, spatial, inputs)
      const y = convTranspose(x, w, { stride: steps, padding: crop, dilation: apart, groups })
      return activate(activation, b === null ? y : add(y, b)) as Features<O>
    },
  }
}

defineLayer({
  tag: "transposedConvolution",
  fields: convolutionFields,
  build: (spec) => transposedConvolution(spec.inputs, spec.outputs, spec.kernel, spec),
  example: (choose) => {
    const spatial = choose.int(1, 2)
    const groups = choose.int(1, 2)
    const [inputs, outputs] = [groups * choose.int(1, 2), groups * choose.int(1, 2)]
    const options: TransposedConvolutionOptions = {
      spatial,
      groups,
      stride: choose.int(1, 2),
      padding: choose.bool() ? "same" : "valid",
      activation: activations[choose.int(0, activations.length - 1)] as Activation,
      bias: choose.bool(),
    }
    const sizes = Array.from({ length: spatial }, () => choose.int(1, 3))
    return { layer: transposedConvolution(inputs, outputs, choose.int(1, 3), options), input: float(choose.int(1, 2), ...sizes, inputs) }
  },
})
