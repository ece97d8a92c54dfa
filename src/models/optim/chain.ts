/** Transformations one after another, and how a step is made of one. */
import type { Tensor } from "../../core/index.js"
import { add } from "../../ops/index.js"
import type { Spec } from "../layers/index.js"
import type { AnyTransformation, Optimiser, Transformation } from "./transformation.js"
import { mapTrees } from "./tree.js"

/** Transformations one after the other, as data. */
export interface ChainSpec<S extends Spec = Spec> {
  readonly _tag: "chain"
  readonly of: readonly S[]
}

/**
 * Each transformation works on what the one before it made of the gradients.
 *
 * @example
 * chain(clipByGlobalNorm(1), adam({ rate: 1e-3 }), scaleBySchedule(product(warmUp(200), cosineDecay({ from: 200, to: 4000 }))))
 */
export const chain = (...of: readonly AnyTransformation[]): Transformation<readonly unknown[], ChainSpec> => {
  const parts = of as readonly Optimiser[]
  return {
    spec: { _tag: "chain", of: parts.map((t) => t.spec) },
    init: (params) => parts.map((t) => t.init(params)),
    update: (gradients, states, params, told) => {
      const next: unknown[] = []
      const updates = parts.reduce((g, t, i) => {
        const [made, state] = t.update(g, states[i], params, told)
        next.push(state)
        return made
      }, gradients)
      return [updates, next]
    },
  }
}

/**
 * Parameters after an update: their sum.
 *
 * @example
 * const next = applyUpdates(params, updates)
 */
export const applyUpdates = <P>(params: P, updates: P): P =>
  mapTrees("applyUpdates", (p, u) => add(p as Tensor, u as Tensor) as Tensor, params, updates)
