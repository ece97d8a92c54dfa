/** Adam (Kingma and Ba 2015). */
import type { Tensor } from "../../core/index.js"
import { add, div, exp, full, mul, neg, sqrt, square, sub, zerosLike } from "../../ops/index.js"
import { fraction, optional, positive, variant } from "../schema/index.js"
import type { Transformation } from "./transformation.js"
import { mapTrees } from "./tree.js"

export interface AdamSpec {
  readonly _tag: "adam"
  /** Size of a step. */
  readonly rate: number
  /** How much of the past the mean of gradients and of their squares keep a step. */
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
}

export const adamCodec = variant("adam", {
  rate: positive,
  beta1: optional(fraction, 0.9),
  beta2: optional(fraction, 0.999),
  epsilon: optional(positive, 1e-8),
})

export interface AdamState {
  /** Updates made. */
  readonly count: Tensor<[]>
  readonly mean: unknown
  readonly square: unknown
}

/**
 * m <- b1 m + (1 - b1) g, v <- b2 v + (1 - b2) g^2; at step t the update is -rate m^ / (sqrt(v^) + epsilon) with
 * m^ = m / (1 - b1^t), v^ = v / (1 - b2^t).
 */
export const adam = ({
  rate,
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon = 1e-8,
}: Pick<AdamSpec, "rate"> & Partial<AdamSpec>): Transformation<AdamState, AdamSpec> => ({
  spec: { _tag: "adam", rate, beta1, beta2, epsilon },
  init: (params) => {
    const zeros = () => mapTrees("adam", zerosLike, params)
    return { count: full([], 0) as Tensor<[]>, mean: zeros(), square: zeros() }
  },
  update: (gradients, state) => {
    const count = add(state.count, 1)
    const average = (beta: number) => (old: Tensor, now: Tensor) => add(mul(old, beta), mul(now, 1 - beta)) as Tensor
    /** 1 - beta^t */
    const weight = (beta: number) => (beta === 0 ? full([], 1) : sub(1, exp(mul(count, Math.log(beta)))))
    const mean = mapTrees("adam", (g, m) => average(beta1)(m as Tensor, g as Tensor), gradients, state.mean)
    const squares = mapTrees("adam", (g, v) => average(beta2)(v as Tensor, square(g as Tensor)), gradients, state.square)
    const [w1, w2] = [weight(beta1), weight(beta2)]
    const updates = mapTrees(
      "adam",
      (m, v) =>
        mul(
          div(
            neg(div(m as Tensor, w1 as Tensor) as Tensor),
            add(sqrt(div(v as Tensor, w2 as Tensor) as Tensor), epsilon) as Tensor,
          ) as Tensor,
          rate,
        ) as Tensor,
      mean,
      squares,
    )
    return [updates, { count, mean, square: squares }]
  },
})
