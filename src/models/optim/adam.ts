/** Adam (Kingma and Ba 2015), and with weight decay that is no part of the gradient (Loshchilov and Hutter 2019). */
import type { Tensor } from "../../core/index.js"
import { add, div, exp, full, mul, sqrt, square, sub, zerosLike } from "../../ops/index.js"
import { atLeastZero, fraction, optional, positive, variant } from "../schema/index.js"
import type { Transformation } from "./transformation.js"
import { mapTrees } from "./tree.js"

/** What Adam and AdamW have in common. */
export interface Moments {
  /** Size of a step. */
  readonly rate: number
  /** How much of the past the mean of gradients and of their squares keep a step. Defaults 0.9 and 0.999. */
  readonly beta1: number
  readonly beta2: number
  /** Added to the root of the mean square. Default 1e-8. */
  readonly epsilon: number
}

/** Adam as data. */
export interface AdamSpec extends Moments {
  readonly _tag: "adam"
}

/** AdamW as data. */
export interface AdamwSpec extends Moments {
  readonly _tag: "adamw"
  /** The share of a parameter that a step of rate 1 takes away. Default 0.01. */
  readonly weightDecay: number
}

const moments = {
  rate: positive,
  beta1: optional(fraction, 0.9),
  beta2: optional(fraction, 0.999),
  epsilon: optional(positive, 1e-8),
}

export const adamCodec = variant("adam", moments)
export const adamwCodec = variant("adamw", { ...moments, weightDecay: optional(atLeastZero, 0.01) })

/** What Adam keeps from step to step. */
export interface AdamState {
  /** Updates made. */
  readonly count: Tensor<[]>
  readonly mean: unknown
  readonly square: unknown
}

const start =
  (what: string) =>
  (params: unknown): AdamState => {
    const zeros = () => mapTrees(what, zerosLike, params)
    return { count: full([], 0) as Tensor<[]>, mean: zeros(), square: zeros() }
  }

/** m^ / (sqrt(v^) + epsilon) with m^ = m / (1 - b1^t) and v^ = v / (1 - b2^t), and the state after it. */
const direction = <P>(what: string, { beta1, beta2, epsilon }: Moments, gradients: P, state: AdamState): readonly [P, AdamState] => {
  const count = add(state.count, 1) as Tensor<[]>
  const average = (beta: number, old: unknown, now: Tensor) => add(mul(old as Tensor, beta), mul(now, 1 - beta)) as Tensor
  /** 1 - beta^t */
  const weight = (beta: number) => (beta === 0 ? full([], 1) : sub(1, exp(mul(count, Math.log(beta))))) as Tensor
  const mean = mapTrees(what, (g, m) => average(beta1, m, g as Tensor), gradients, state.mean)
  const squares = mapTrees(what, (g, v) => average(beta2, v, square(g as Tensor) as Tensor), gradients, state.square)
  const [w1, w2] = [weight(beta1), weight(beta2)]
  const along = mapTrees(
    what,
    (m, v) => div(div(m as Tensor, w1) as Tensor, add(sqrt(div(v as Tensor, w2) as Tensor), epsilon) as Tensor) as Tensor,
    mean,
    squares,
  )
  return [along, { count, mean, square: squares }]
}

/**
 * m <- b1 m + (1 - b1) g, v <- b2 v + (1 - b2) g^2; at step t the update is -rate m^ / (sqrt(v^) + epsilon) with
 * m^ = m / (1 - b1^t), v^ = v / (1 - b2^t).
 *
 * @example
 * adam({ rate: 1e-3 })
 */
export const adam = (options: Pick<Moments, "rate"> & Partial<Moments>): Transformation<AdamState, AdamSpec> => {
  const spec: AdamSpec = { _tag: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, ...options }
  return {
    spec,
    init: start("adam"),
    update: (gradients, state) => {
      const [along, next] = direction("adam", spec, gradients, state)
      return [mapTrees("adam", (d) => mul(d as Tensor, -spec.rate) as Tensor, along), next]
    },
  }
}

/**
 * Adam's update, and -rate weightDecay p beside it: what decays is the parameter, not its gradient. `byPath` keeps shifts and norms
 * out of it.
 *
 * @example
 * adamw({ rate: 1e-3, weightDecay: 0.05 })
 */
export const adamw = (
  options: Pick<AdamwSpec, "rate"> & Partial<Omit<AdamwSpec, "_tag" | "rate">>,
): Transformation<AdamState, AdamwSpec> => {
  const spec: AdamwSpec = { _tag: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, ...options }
  return {
    spec,
    init: start("adamw"),
    update: (gradients, state, params) => {
      const [along, next] = direction("adamw", spec, gradients, state)
      const decayed = (d: Tensor, p: Tensor) => mul(add(d, mul(p, spec.weightDecay)), -spec.rate) as Tensor
      return [mapTrees("adamw", (d, p) => decayed(d as Tensor, p as Tensor), along, params), next]
    },
  }
}
