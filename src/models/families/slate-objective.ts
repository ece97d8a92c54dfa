/** What a SLATE is trained to do, and how it is looked at. */
import type { Tensor } from "../../core/index.js"
import { crossEntropy, max, reshape, square, sub, sum } from "../../ops/index.js"
import {
  generateWords,
  paintWords,
  readWords,
  type Slate,
  type SlateInput,
  type SlateParams,
  type SlateSpec,
  slateLoss,
  slateRefinement,
  slotsAndScores,
  slotsOfImages,
  type Words,
} from "../slate/index.js"
import { attentionMaps, type Loss, type Sight } from "../training/index.js"

/** What SLATE tells of a step. */
export interface SlateStep {
  readonly squaredError: Tensor<[]>
  readonly crossEntropy: Tensor<[]>
  readonly residual: Tensor<[]>
  readonly [name: string]: Tensor<[]>
}

/**
 * Squared error of the discrete VAE and cross-entropy of the decoder, an image (see `slateLoss`); and the residual of the refinement, the
 * worst image's.
 *
 * @example
 * const model = slate(slateModelSpec(defaultSlateConfig))
 * const step = trainStep(retelling(model), optimiserOf(slateOptimiserSpec(defaultSlateConfig)))
 */
export const retelling =
  (model: Slate): Loss<SlateParams, SlateInput, SlateStep> =>
  (params, input, key) => {
    const made = model.apply(params, input, { key, mode: "train" })
    const { loss, ...told } = slateLoss(made, input.images)
    return [loss, { ...told, residual: max(made.residual) as Tensor<[]> }]
  }

/** The sum over all but the first axis, [B]. */
const perImage = (x: Tensor): Tensor => sum(reshape(x, [x.shape[0] as number, -1]) as Tensor, [1]) as Tensor

/**
 * How a SLATE is looked at: what comes back through slots and words, beside what comes back from an image's own words. Numbers of an image
 * are `squaredError` of the latter, `bottleneckError` of the former (both summed over values in [0, 1]) and `crossEntropy`, in nats.
 *
 * @example
 * slateSight(slateModelSpec(defaultSlateConfig), 7).slots // 4
 */
export const slateSight = (spec: SlateSpec, iterations: number): Sight<SlateParams> => ({
  slots: spec.attention.slots,
  iterations,
  see: (params, images, key) => {
    const words = readWords(spec, params, images)
    const { slots, attention, scores } = slotsAndScores(spec, params, words, { key, mode: "eval" })
    const reconstruction = paintWords(spec, params, generateWords(spec, params, slots))
    const fromWords = paintWords(spec, params, words)
    const [batch, length, vocabulary] = scores.shape as readonly [number, number, number]
    const told = crossEntropy(reshape(scores, [batch * length, vocabulary]) as Tensor, reshape(words, [batch * length]) as Words, {
      reduction: "none",
    })
    return {
      reconstruction,
      attention: attentionMaps(attention, images.shape[1] as number),
      painting: null,
      pictures: { "from its own words": fromWords },
      numbers: {
        squaredError: perImage(square(sub(images, fromWords)) as Tensor),
        bottleneckError: perImage(square(sub(images, reconstruction)) as Tensor),
        crossEntropy: perImage(reshape(told, [batch, length]) as Tensor),
      },
    }
  },
  slotsOf: (params, images, key) => slotsOfImages(spec, params, images, { key, mode: "eval" }).slots,
  paint: (params, slots) => paintWords(spec, params, generateWords(spec, params, slots)),
  slotMap: (params, images, context) => ({
    spec: spec.attention,
    params: params.attention,
    refinement: slateRefinement(spec, params, readWords(spec, params, images), context),
  }),
})
