/** Linear map of the last axis. */
import { showType, type Tensor, TraceError } from "../../core/index.js"
import { add, einsum, matmul } from "../../ops/index.js"
import { flag, optional, whole } from "../schema/index.js"
import { type Activation, activate, activationCodec, activations, weightsBefore } from "./activation.js"
import { none } from "./initial.js"
import type { Features, Layer } from "./layer.js"
import { defineLayer, float } from "./registry.js"

/** A dense layer as data. */
export interface DenseSpec {
  readonly _tag: "dense"
  readonly inputs: number
  readonly outputs: number
  readonly activation: Activation
  readonly bias: boolean
}

/** `w` is [inputs, outputs]; `b` is null without a bias. */
export interface DenseParams {
  readonly w: Tensor
  readonly b: Tensor | null
}

/** Options of `dense`. */
export interface DenseOptions {
  /** Default none. */
  readonly activation?: Activation
  /** Whether there is a shift `b`. Default true. */
  readonly bias?: boolean
}

/**
 * Refuses an input whose last axis is not what a layer was made for.
 *
 * @example
 * checkFeatures("dense", x, 784) // throws a TraceError that names the layer
 */
export const checkFeatures = (layer: string, x: Tensor, expected: number): void => {
  const found = x.shape[x.shape.length - 1]
  if (found !== expected)
    throw new TraceError(`${layer}: expected ${expected} features on the last axis, found ${showType(x.type)}; check the layer before it`)
}

/**
 * x W on the last axis of x, whatever the axes before it.
 *
 * @example
 * evaluate(onLastAxis(tensor([1, 2]), tensor([[1, 0], [1, 3]]))) // right([3, 6])
 */
export const onLastAxis = (x: Tensor, w: Tensor): Tensor => (x.shape.length === 1 ? einsum("i,ij->j", x, w) : matmul(x, w)) as Tensor

/**
 * y = activation(x W + b) on the last axis, whatever the axes before it.
 *
 * @example
 * dense(784, 64, { activation: "relu" })
 */
export const dense = <const I extends number, const O extends number>(
  inputs: I,
  outputs: O,
  { activation = "none", bias = true }: DenseOptions = {},
): Layer<DenseParams, Features<I>, Features<O>, DenseSpec> => ({
  spec: { _tag: "dense", inputs, outputs, activation, bias },
  init: (key) => ({
    w: weightsBefore(activation, key, [inputs, outputs], { inputs, outputs }),
    b: bias ? none(outputs) : null,
  }),
  apply: ({ w, b }, x) => {
    checkFeatures("dense", x as Tensor, inputs)
    const y = onLastAxis(x as Tensor, w)
    return activate(activation, b === null ? y : add(y, b)) as Features<O>
  },
})

defineLayer({
  tag: "dense",
  fields: {
    inputs: whole(1, 65536),
    outputs: whole(1, 65536),
    activation: optional(activationCodec, "none"),
    bias: optional(flag, true),
  },
  build: (spec) => dense(spec.inputs, spec.outputs, spec),
  example: (choose) => {
    const [inputs, outputs] = [choose.int(1, 4), choose.int(1, 4)]
    const activation = activations[choose.int(0, activations.length - 1)] as Activation
    return { layer: dense(inputs, outputs, { activation, bias: choose.bool() }), input: float(...choose.shape(2), inputs) }
  },
})
