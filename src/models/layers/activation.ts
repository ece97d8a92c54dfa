/** Functions of one number that follow a linear map, and the layer that is one. */
import type { Tensor } from "../../core/index.js"
import { add, type Key, mul, relu, sigmoid, tanh } from "../../ops/index.js"
import { type Codec, oneOf } from "../schema/index.js"
import { glorot, he } from "./initial.js"
import type { Layer } from "./layer.js"
import { defineLayer, float } from "./registry.js"

export const activations = ["none", "relu", "tanh", "sigmoid", "silu", "gelu"] as const
/** An activation by name. */
export type Activation = (typeof activations)[number]

export const activationCodec: Codec<Activation> = oneOf(...activations)

/** x Phi(x) with the normal distribution's tanh form, tanh(sqrt(2 / pi) (x + 0.044715 x^3)) (Hendrycks and Gimpel 2016); JAX's default. */
const geluOfTanh = (x: Tensor): Tensor => {
  const inner = mul(add(x, mul(mul(mul(x, x), x), 0.044715)) as Tensor, Math.sqrt(2 / Math.PI))
  return mul(mul(x, 0.5), add(tanh(inner), 1)) as Tensor
}

const functions: Readonly<Record<Activation, (x: Tensor) => Tensor>> = {
  none: (x) => x,
  relu,
  tanh,
  sigmoid,
  silu: (x) => mul(x, sigmoid(x)) as Tensor,
  gelu: geluOfTanh,
}

export const activate = (activation: Activation, x: Tensor): Tensor => functions[activation](x)

const rectifies = (activation: Activation): boolean => activation === "relu" || activation === "silu" || activation === "gelu"

/** Initial weights that keep the size of what passes through them and the activation. */
export const weightsBefore = (
  activation: Activation,
  key: Key,
  shape: readonly number[],
  { inputs, outputs }: { readonly inputs: number; readonly outputs: number },
): Tensor => (rectifies(activation) ? he(key, shape, inputs) : glorot(key, shape, inputs, outputs))

/** An activation as a layer, as data. */
export interface ActivationSpec {
  readonly _tag: "activation"
  readonly of: Activation
}

/**
 * The activation as a layer without parameters, point by point.
 *
 * @example
 * seq(dense(8, 8), activation("tanh"))
 */
export const activation = (of: Activation): Layer<null, Tensor, Tensor, ActivationSpec> => ({
  spec: { _tag: "activation", of },
  init: () => null,
  apply: (_params, x) => activate(of, x),
})

defineLayer({
  tag: "activation",
  fields: { of: activationCodec },
  build: ({ of }) => activation(of),
  example: (choose) => ({
    layer: activation(activations[choose.int(0, activations.length - 1)] as Activation),
    input: float(...choose.shape(3)),
  }),
})
