/** From a SLATE's configuration to the descriptions of what it configures. */
import { type OptimiserSpec, warmUp } from "../optim/index.js"
import { type SlateSpec, wordDecoder } from "../slate/index.js"
import { adjointOf, slotAttention, slotSolver } from "../slot-attention/index.js"
import { imageSide } from "./image-side.js"
import type { SlateConfig } from "./slate.js"

/** Features within the discrete VAE of the published code. */
const dvaeFeatures = 64

/**
 * The SLATE that a run trains.
 *
 * @example
 * slateModelSpec(defaultSlateConfig).decoder.vocabulary // 128
 */
export const slateModelSpec = (config: SlateConfig): SlateSpec => {
  const { vocabulary, features, blocks, heads, slots, width, slotHeads, iterations, adjoint, solver, dropout, hard, ...rest } = config.model
  const { onFailure, initial, bilevel, normalisedStart } = rest
  const side = imageSide(config)
  const passes = typeof adjoint === "string" ? adjointOf(adjoint, iterations) : adjoint
  return {
    _tag: "slate",
    height: side,
    width: side,
    channels: 3,
    dvaeFeatures,
    hard,
    dropout,
    attention: slotAttention({
      inputs: features,
      slots,
      width,
      hidden: width,
      heads: slotHeads,
      initial,
      bilevel,
      solver: solver ?? slotSolver(iterations, passes, onFailure),
    }).spec,
    decoder: wordDecoder({ vocabulary, features, blocks, heads, dropout, normalisedStart }).spec,
  }
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
