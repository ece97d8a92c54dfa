/** A training step as a program: loss, gradient and one update by Adam, with all that changes in its state. */
import { type Tensor, valueAndGrad } from "../../../src/index.js"
import { type AdamState, adam, applyUpdates } from "../../../src/models/index.js"
import { adamOptions, type Model } from "../../workloads/index.js"
import { lossOf } from "./models.js"
import type { Named } from "./names.js"

export type State = readonly [params: Named, moments: AdamState]

export const stepOf = (model: Model) => {
  const [loss, optimiser] = [lossOf(model), adam(adamOptions)]
  return ([params, state]: State, data: Named): readonly [State, Tensor<[]>] => {
    const [value, gradient] = valueAndGrad(loss)(params, data)
    const [updates, next] = optimiser.update(gradient, state, params)
    return [[applyUpdates(params, updates), next], value]
  }
}

export const initialState = (params: Named): State => [params, adam(adamOptions).init(params)]
