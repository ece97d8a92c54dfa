/** Weight decay as a penalty on the loss. */
import type { Tensor } from "../../core/index.js"
import { add, mul } from "../../ops/index.js"
import { atLeastZero, variant } from "../schema/index.js"
import type { Transformation } from "./transformation.js"
import { mapTrees } from "./tree.js"

/** Weight decay as data. */
export interface WeightDecaySpec {
  readonly _tag: "addDecayedWeights"
  readonly rate: number
}

export const weightDecayCodec = variant("addDecayedWeights", { rate: atLeastZero })

/**
 * g <- g + rate p, the gradient of a penalty rate |p|^2 / 2. Before `sgd` it is weight decay as PyTorch means it; with Adam use `adamw`,
 * whose decay the mean square does not divide.
 *
 * @example
 * chain(addDecayedWeights(1e-4), sgd({ rate: 0.1, momentum: 0.9 }))
 */
export const addDecayedWeights = (rate: number): Transformation<null, WeightDecaySpec> => ({
  spec: { _tag: "addDecayedWeights", rate },
  init: () => null,
  update: (gradients, _state, params) => [
    mapTrees("addDecayedWeights", (g, p) => add(g as Tensor, mul(p as Tensor, rate)) as Tensor, gradients, params),
    null,
  ],
})
