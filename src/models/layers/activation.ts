/** Functions of one number that follow a linear map. */
import type { Tensor } from "../../core/index.js"
import { type Key, relu, tanh } from "../../ops/index.js"
import { type Codec, oneOf } from "../schema/index.js"
import { glorot, he } from "./initial.js"

export type Activation = "none" | "relu" | "tanh"

export const activationCodec: Codec<Activation> = oneOf("none", "relu", "tanh")

export const activate = (activation: Activation, x: Tensor): Tensor =>
  activation === "relu" ? relu(x) : activation === "tanh" ? tanh(x) : x

/** Initial weights that keep the size of what passes through them and the activation. */
export const weightsBefore = (
  activation: Activation,
  key: Key,
  shape: readonly number[],
  { inputs, outputs }: { readonly inputs: number; readonly outputs: number },
): Tensor => (activation === "relu" ? he(key, shape, inputs) : glorot(key, shape, inputs, outputs))
