/** Losses of real targets. */
import { type Tensor, TraceError } from "../core/index.js"
import { relu } from "./activations.js"
import { div, mul, sub } from "./arithmetic.js"
import { less, where } from "./compare.js"
import { checkSameShape, type LossOptions, reduceLoss } from "./loss.js"
import { square } from "./power.js"
import { sign } from "./sign.js"

const errorOf = (name: string, prediction: Tensor, target: Tensor): Tensor => {
  checkSameShape(name, prediction, target)
  return sub(prediction, target) as Tensor
}

/** |x| with derivative 0 at 0. */
const size = (x: Tensor): Tensor => mul(x, sign(x)) as Tensor

/**
 * Mean squared error.
 *
 * @throws TraceError where the shapes differ.
 *
 * @example
 * evaluate(mse(tensor([1, 2]), tensor([1, 4]))) // right(2)
 */
export const mse = (prediction: Tensor, target: Tensor, options: LossOptions = {}): Tensor =>
  reduceLoss("mse", square(errorOf("mse", prediction, target)), options)

/**
 * Mean absolute error; derivative 0 where the error is 0.
 *
 * @throws TraceError where the shapes differ.
 *
 * @example
 * evaluate(mae(tensor([1, 2]), tensor([1, 4]))) // right(1)
 */
export const mae = (prediction: Tensor, target: Tensor, options: LossOptions = {}): Tensor =>
  reduceLoss("mae", size(errorOf("mae", prediction, target)), options)

/** `e^2 / 2` for |e| < delta, else `delta (|e| - delta / 2)`; the square sees no large error. */
const huberOf = (e: Tensor, delta: number): Tensor => {
  const a = size(e)
  const small = less(a, delta)
  return where(small, mul(square(where(small, e, 0)), 0.5) as Tensor, mul(sub(a, delta / 2) as Tensor, delta) as Tensor)
}

const positive = (name: string, what: string, value: number): number => {
  if (!(value > 0)) throw new TraceError(`${name}: ${what} is ${value}; it must be above 0`)
  return value
}

/**
 * Huber's loss of the error e: `e^2 / 2` where |e| < delta, else `delta (|e| - delta / 2)`. Default delta 1. Huber, Annals of
 * Mathematical Statistics 35, 1964.
 *
 * @throws TraceError where the shapes differ or delta is not above 0.
 *
 * @example
 * evaluate(huber(tensor([0.5, 3]), tensor([0, 0]), { reduction: "none" })) // right([0.125, 2.5])
 */
export const huber = (
  prediction: Tensor,
  target: Tensor,
  { delta = 1, ...options }: LossOptions & { readonly delta?: number } = {},
): Tensor => reduceLoss("huber", huberOf(errorOf("huber", prediction, target), positive("huber", "delta", delta)), options)

/**
 * `e^2 / (2 beta)` where |e| < beta, else `|e| - beta / 2`: Huber's loss over beta. Default beta 1.
 *
 * @throws TraceError where the shapes differ or beta is not above 0.
 *
 * @example
 * evaluate(smoothL1(tensor([3]), tensor([0]), { beta: 2 })) // right(2)
 */
export const smoothL1 = (
  prediction: Tensor,
  target: Tensor,
  { beta = 1, ...options }: LossOptions & { readonly beta?: number } = {},
): Tensor =>
  reduceLoss("smoothL1", div(huberOf(errorOf("smoothL1", prediction, target), positive("smoothL1", "beta", beta)), beta) as Tensor, options)

/**
 * Hinge loss `max(0, 1 - t s)` of scores s for targets t of -1 and 1; derivative 0 at the kink.
 *
 * @throws TraceError where the shapes differ.
 *
 * @example
 * evaluate(hinge(tensor([0.5, 2]), tensor([1, 1]), { reduction: "none" })) // right([0.5, 0])
 */
export const hinge = (scores: Tensor, targets: Tensor, options: LossOptions = {}): Tensor => {
  checkSameShape("hinge", scores, targets)
  return reduceLoss("hinge", relu(sub(1, mul(scores, targets) as Tensor) as Tensor), options)
}
