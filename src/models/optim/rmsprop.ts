/** RMSProp (Tieleman and Hinton 2012; centred: Graves 2013). */
import type { Tensor } from "../../core/index.js"
import { add, div, mul, relu, sqrt, square, sub, zerosLike } from "../../ops/index.js"
import { flag, fraction, optional, positive, variant } from "../schema/index.js"
import type { Transformation } from "./transformation.js"
import { mapTrees } from "./tree.js"

/** RMSprop as data. */
export interface RmspropSpec {
  readonly _tag: "rmsprop"
  /** Size of a step. */
  readonly rate: number
  /** How much of the past the mean square keeps a step. Default 0.9. */
  readonly decay: number
  /** Added to the root. Default 1e-8. */
  readonly epsilon: number
  /** Default 0. */
  readonly momentum: number
  /** Whether the mean's square is taken off, so that the root is a deviation. Default false. */
  readonly centred: boolean
}

export const rmspropCodec = variant("rmsprop", {
  rate: positive,
  decay: optional(fraction, 0.9),
  epsilon: optional(positive, 1e-8),
  momentum: optional(fraction, 0),
  centred: optional(flag, false),
})

/** `mean` is `null` unless centred, `velocity` without momentum. */
export interface RmspropState {
  readonly square: unknown
  readonly mean: unknown
  readonly velocity: unknown
}

/**
 * v <- decay v + (1 - decay) g^2, d = g / (sqrt(v) + epsilon) (of v - m^2 when centred), b <- momentum b + d; the update is -rate b.
 * Written as PyTorch writes it: epsilon outside the root, the rate outside the momentum.
 *
 * @example
 * rmsprop({ rate: 1e-3, momentum: 0.9 })
 */
export const rmsprop = (
  options: Pick<RmspropSpec, "rate"> & Partial<Omit<RmspropSpec, "_tag">>,
): Transformation<RmspropState, RmspropSpec> => {
  const spec: RmspropSpec = { _tag: "rmsprop", decay: 0.9, epsilon: 1e-8, momentum: 0, centred: false, ...options }
  const { rate, decay, epsilon, momentum, centred } = spec
  const average = (old: Tensor, now: Tensor) => add(mul(old, decay), mul(now, 1 - decay)) as Tensor
  const map = <P>(f: (...leaves: readonly Tensor[]) => Tensor, first: P, ...more: readonly unknown[]) =>
    mapTrees("rmsprop", f, first, ...more)
  return {
    spec,
    init: (params) => {
      const zeros = (wanted: boolean) => (wanted ? map(zerosLike, params) : null)
      return { square: zeros(true), mean: zeros(centred), velocity: zeros(momentum > 0) }
    },
    update: (gradients, state) => {
      const squares = map((g, v) => average(v as Tensor, square(g as Tensor) as Tensor), gradients, state.square)
      const mean = centred ? map((g, m) => average(m as Tensor, g as Tensor), gradients, state.mean) : null
      // Jensen keeps v - m^2 at 0 or above, rounding does not: the difference may fall below it by a rounding error of v
      const spread = mean === null ? squares : map((v, m) => relu(sub(v as Tensor, square(m as Tensor)) as Tensor), squares, mean)
      const along = map((g, v) => div(g as Tensor, add(sqrt(v as Tensor), epsilon) as Tensor) as Tensor, gradients, spread)
      const velocity = momentum > 0 ? map((d, b) => add(mul(b as Tensor, momentum), d as Tensor) as Tensor, along, state.velocity) : null
      const made = velocity ?? along
      return [map((b) => mul(b as Tensor, -rate) as Tensor, made), { square: squares, mean, velocity }]
    },
  }
}
