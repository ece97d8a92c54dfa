/** One of several, by the Gumbel trick: the largest of log-probabilities plus Gumbel noise is a draw (Maddison et al. 2014). */
import { type AnyTensor, showType, type Tensor, TraceError, type Unchecked } from "../../core/index.js"
import { add, div, sub } from "../arithmetic.js"
import { cast, stopGradient } from "../cast.js"
import { equal } from "../compare.js"
import { iota } from "../iota.js"
import { normalAxes } from "../normal-axes.js"
import { argmax } from "../reduce.js"
import { expandAxis, moveAxis } from "../shape.js"
import { softmax } from "../softmax.js"
import { gumbel } from "./continuous.js"
import type { Key } from "./keys.js"
import { atShape, type Parameter } from "./parameters.js"

/**
 * Positions along the last axis of `logits` [..., n], each with its probability under the softmax. One draw a row by default;
 * `shape` is that of the draws, to which the other axes of `logits` broadcast. A logit of -Infinity is never drawn. JAX's draws of
 * float32, but where a uniform number is 0 (see `gumbel`).
 *
 * @example
 * categorical(key(0), log(tensor([0.2, 0.3, 0.5])), [10]) // ten draws
 */
export const categorical = (k: Key, logits: Tensor, shape?: readonly number[]): Tensor<Unchecked, "int"> => {
  const n = logits.shape.at(-1)
  if (n === undefined || n === 0)
    throw new TraceError(`categorical: the logits need a last axis of at least one category, found ${showType(logits.type)}`)
  const whole = [...(shape ?? logits.shape.slice(0, -1)), n]
  return argmax(add(atShape("categorical", "the logits", logits, whole) as Tensor, gumbel(k, whole) as Tensor) as Tensor, -1)
}

/** Options of `gumbelSoftmax`. */
export interface GumbelSoftmaxOptions {
  /** A one-hot value whose derivative is the soft one's ("straight-through"). Default false. */
  readonly hard?: boolean
  /** The axis of the categories. Default the last. */
  readonly axis?: number
}

/**
 * `softmax((logits + gumbel) / temperature)`: a differentiable draw from a categorical distribution, the closer to one-hot the
 * lower the temperature (Jang et al., Maddison et al. 2017). With `hard` the value is the one-hot draw itself, exactly, and the
 * derivative is that of the soft one, which is biased for the draw.
 *
 * @example
 * gumbelSoftmax(key(0), logits, 0.5, { hard: true })
 */
export const gumbelSoftmax = (
  k: Key,
  logits: Tensor,
  temperature: Parameter,
  { hard = false, axis = -1 }: GumbelSoftmaxOptions = {},
): Tensor => {
  const [a] = normalAxes("gumbelSoftmax", logits.shape.length, [axis]) as [number]
  const noisy = add(logits, gumbel(k, logits.shape) as Tensor) as Tensor
  const soft = softmax(div(noisy, atShape("gumbelSoftmax", "the temperature", temperature, logits.shape) as Tensor) as Tensor, a)
  if (!hard) return soft
  const drawn = expandAxis(argmax(noisy, a), -1) as AnyTensor
  const oneHot = cast(equal(drawn as Tensor, iota(logits.shape[a] as number) as AnyTensor as Tensor), "float") as Tensor
  // soft - soft is 0 exactly; one-hot + soft - soft from the left would round
  return add(moveAxis(oneHot, -1, a), sub(soft, stopGradient(soft)) as Tensor) as Tensor
}
