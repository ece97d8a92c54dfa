/** Convolution of sequences, images and volumes. */
import { showType, type Tensor, TraceError } from "../../core/index.js"
import { add, conv } from "../../ops/index.js"
import { flag, optional, whole } from "../schema/index.js"
import { type Activation, activate, activationCodec, activations, weightsBefore } from "./activation.js"
import { checkFeatures } from "./dense.js"
import { none } from "./initial.js"
import type { Features, Layer } from "./layer.js"
import { checkPadding, eachAxis, type Padding, type PerAxis, paddingCodec, perAxisCodec } from "./per-axis.js"
import { defineLayer, float } from "./registry.js"

/** A convolution as data. */
export interface ConvolutionSpec {
  readonly _tag: "convolution"
  readonly inputs: number
  readonly outputs: number
  /** Side of the kernel. */
  readonly kernel: PerAxis
  /** Number of spatial axes. */
  readonly spatial: number
  readonly stride: PerAxis
  readonly padding: Padding
  readonly dilation: PerAxis
  readonly groups: number
  readonly activation: Activation
  readonly bias: boolean
}

/** `w` is [...kernel, inputs / groups, outputs]; `b` is null without a bias. */
export interface ConvolutionParams {
  readonly w: Tensor
  readonly b: Tensor | null
}

/** Options of `convolution`. */
export interface ConvolutionOptions {
  /** Number of spatial axes: 1 for sequences [N, T, C], 2 for images [N, H, W, C]. Default 2. */
  readonly spatial?: number
  /** Step between outputs. Default 1. */
  readonly stride?: PerAxis
  /** Zeros around the input: "same" keeps ceil(size / stride), "valid" none, or `[before, after]` an axis. Default "same". */
  readonly padding?: Padding
  /** Distance of kernel elements. Default 1. */
  readonly dilation?: PerAxis
  /** Channels are split into this many groups that do not see each other. Default 1. */
  readonly groups?: number
  /** Default none. */
  readonly activation?: Activation
  /** Whether there is a shift `b`. Default true. */
  readonly bias?: boolean
}

/** Refuses groups that channels can't be split into. */
export const checkGroups = (layer: string, groups: number, inputs: number, outputs: number): void => {
  if (inputs % groups !== 0 || outputs % groups !== 0)
    throw new TraceError(`${layer}: ${groups} groups must divide the ${inputs} inputs and the ${outputs} outputs`)
}

/** Refuses what is not [N, ...spatial, inputs]. */
export const checkGrid = (layer: string, x: Tensor, spatial: number, inputs: number): void => {
  const what = spatial === 2 ? "images [N, height, width," : spatial === 1 ? "sequences [N, length," : "volumes [N, depth, height, width,"
  if (x.shape.length !== spatial + 2) throw new TraceError(`${layer}: expected ${what} ${inputs}], found ${showType(x.type)}`)
  checkFeatures(layer, x, inputs)
}

/**
 * y[n, i, j, o] = activation(b[o] + sum over a, b, c of x[n, s i + d a - p, s j + d b - p, c] w[a, b, c, o]) on [N, H, W, C], and alike
 * on one or three spatial axes. By default there are zeros around the image so that the result has ceil(H / s) rows.
 *
 * @throws TraceError when the groups don't divide the channels, or the input has another rank or number of channels.
 *
 * @example
 * convolution(3, 32, 5, { activation: "relu" })
 * convolution(8, 8, 3, { spatial: 1, dilation: 2, groups: 8 }) // depthwise, on sequences
 */
export const convolution = <const I extends number, const O extends number>(
  inputs: I,
  outputs: O,
  kernel: PerAxis,
  options: ConvolutionOptions = {},
): Layer<ConvolutionParams, Features<I>, Features<O>, ConvolutionSpec> => {
  const { spatial = 2, stride = 1, padding = "same", dilation = 1, groups = 1, activation = "none", bias = true } = options
  const sides = eachAxis("convolution", "kernel", kernel, spatial)
  const window = {
    stride: eachAxis("convolution", "stride", stride, spatial),
    dilation: eachAxis("convolution", "dilation", dilation, spatial),
    padding: checkPadding("convolution", padding, spatial),
    groups,
  }
  checkGroups("convolution", groups, inputs, outputs)
  return {
    spec: { _tag: "convolution", inputs, outputs, kernel, spatial, stride, padding, dilation, groups, activation, bias },
    init: (key) => {
      const area = sides.reduce((a, b) => a * b, 1)
      const units = { inputs: (area * inputs) / groups, outputs: (area * outputs) / groups }
      return { w: weightsBefore(activation, key, [...sides, inputs / groups, outputs], units), b: bias ? none(outputs) : null }
    },
    apply: ({ w, b }, x) => {
      checkGrid("convolution", x as Tensor, spatial, inputs)
      const y = conv(x as Tensor, w, window)
      return activate(activation, b === null ? y : add(y, b)) as Features<O>
    },
  }
}

/** What a convolution and a transposed one are described by. */
export const convolutionFields = {
  inputs: whole(1, 4096),
  outputs: whole(1, 4096),
  kernel: perAxisCodec(1, 1024),
  spatial: optional(whole(1, 3), 2),
  stride: optional(perAxisCodec(1, 1024), 1),
  padding: optional(paddingCodec, "same"),
  dilation: optional(perAxisCodec(1, 1024), 1),
  groups: optional(whole(1, 4096), 1),
  activation: optional(activationCodec, "none"),
  bias: optional(flag, true),
}

defineLayer({
  tag: "convolution",
  fields: convolutionFields,
  build: (spec) => convolution(spec.inputs, spec.outputs, spec.kernel, spec),
  example: (choose) => {
    const spatial = choose.int(1, 2)
    const groups = choose.int(1, 2)
    const [inputs, outputs] = [groups * choose.int(1, 2), groups * choose.int(1, 2)]
    const options: ConvolutionOptions = {
      spatial,
      groups,
      stride: choose.int(1, 2),
      dilation: choose.int(1, 2),
      padding: choose.bool() ? "same" : Array.from({ length: spatial }, () => [choose.int(1, 2), choose.int(0, 2)]),
      activation: activations[choose.int(0, activations.length - 1)] as Activation,
      bias: choose.bool(),
    }
    const sizes = Array.from({ length: spatial }, () => choose.int(4, 5))
    return { layer: convolution(inputs, outputs, choose.int(1, 3), options), input: float(choose.int(1, 2), ...sizes, inputs) }
  },
})
