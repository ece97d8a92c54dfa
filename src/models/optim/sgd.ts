/** Gradient descent, with Polyak's and Nesterov's momentum. */
import type { Tensor } from "../../core/index.js"
import { add, mul, zerosLike } from "../../ops/index.js"
import { flag, fraction, optional, positive, variant } from "../schema/index.js"
import type { Transformation } from "./transformation.js"
import { mapTrees } from "./tree.js"

/** Gradient descent, with momentum where it is asked for, as data. */
export interface SgdSpec {
  readonly _tag: "sgd"
  /** Size of a step. */
  readonly rate: number
  /** How much of its velocity a parameter keeps a step. Default 0. */
  readonly momentum: number
  /** Whether the step looks ahead along the velocity. Default false. */
  readonly nesterov: boolean
}

export const sgdCodec = variant("sgd", { rate: positive, momentum: optional(fraction, 0), nesterov: optional(flag, false) })

/** The velocity; `null` without momentum. */
export interface SgdState {
  readonly velocity: unknown
}

/**
 * v <- momentum v + g; the update is -rate v (Polyak 1964), or -rate (g + momentum v) with `nesterov` (Sutskever et al. 2013). The
 * rate stands outside the velocity, as in PyTorch and Optax: a schedule acts at once.
 *
 * @example
 * sgd({ rate: 0.1, momentum: 0.9, nesterov: true })
 */
export const sgd = (options: Pick<SgdSpec, "rate"> & Partial<Omit<SgdSpec, "_tag">>): Transformation<SgdState, SgdSpec> => {
  const spec: SgdSpec = { _tag: "sgd", momentum: 0, nesterov: false, ...options }
  const { rate, momentum, nesterov } = spec
  const onward = (v: Tensor, g: Tensor) => add(mul(v, momentum), g) as Tensor
  return {
    spec,
    init: (params) => ({ velocity: momentum === 0 ? null : mapTrees("sgd", zerosLike, params) }),
    update: (gradients, state) => {
      const step = (along: Tensor) => mul(along, -rate) as Tensor
      if (momentum === 0) return [mapTrees("sgd", (g) => step(g as Tensor), gradients), state]
      const velocity = mapTrees("sgd", (g, v) => onward(v as Tensor, g as Tensor), gradients, state.velocity)
      const ahead = nesterov ? mapTrees("sgd", (g, v) => onward(v as Tensor, g as Tensor), gradients, velocity) : velocity
      return [mapTrees("sgd", (v) => step(v as Tensor), ahead), { velocity }]
    },
  }
}
