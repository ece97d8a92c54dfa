/** From a SLATE's configuration to the descriptions of what it configures. */
import { type OptimiserSpec, warmUp } from "../optim/index.js"
import { type SlateSpec, slateSpec } from "../slate/index.js"
import { adjointOf, slotSolver } from "../slot-attention/index.js"
import { imageSide } from "./image-side.js"
import type { SlateConfig } from "./slate.js"

/**
 * The SLATE that a run trains.
 *
 * @example
 * slateModelSpec(defaultSlateConfig).decoder.vocabulary // 128
 */
export const slateModelSpec = (config: SlateConfig): SlateSpec => {
  const { adjoint, solver, onFailure, ...model } = config.model
  const passes = typeof adjoint === "string" ? adjointOf(adjoint, model.iterations) : adjoint
  return slateSpec("small", { ...model, side: imageSide(config), solver: solver ?? slotSolver(model.iterations, passes, onFailure) })
}

/**
 * The optimiser that trains it: clipping by the largest component of the whole gradient, then Adam in two groups, one for the discrete VAE
 * and one for all else, whose rate rises; both rates fall together when the loss no longer does.
 *
 * @example
 * const optimiser = optimiserOf(slateOptimiserSpec(defaultSlateConfig))
 */
export const slateOptimiserSpec = ({ optimiser }: SlateConfig): OptimiserSpec => {
  const { dvaeRate, rate, warmUp: steps, clip, patience, every, factor, beta1, beta2 } = optimiser
  const adam = (of: number): OptimiserSpec => ({ _tag: "adam", rate: of, beta1, beta2, epsilon: 1e-8 })
  return {
    _tag: "chain",
    of: [
      { _tag: "clipByInfinityNorm", limit: clip },
      {
        _tag: "byPath",
        groups: [
          { match: "dvae", of: adam(dvaeRate) },
          { match: "**", of: { _tag: "chain", of: [adam(rate), { _tag: "scaleBySchedule", schedule: warmUp(steps) }] } },
        ],
      },
      { _tag: "reduceOnPlateau", factor, patience, every, threshold: 1e-4, floor: 0 },
    ],
  }
}
