/** What SLATE is trained for. */
import type { Tensor } from "../../core/index.js"
import { add, crossEntropy, div, square, sub, sum } from "../../ops/index.js"
import type { SlateOutput } from "./slate.js"

/** The two losses and their sum. */
export interface SlateLoss {
  readonly loss: Tensor<[]>
  /** Of the discrete VAE: squared errors summed over the values of an image, mean over images. */
  readonly squaredError: Tensor<[]>
  /** Of the decoder: -log of the probability of each word, summed over the words of an image, mean over images. In nats. */
  readonly crossEntropy: Tensor<[]>
}

/**
 * Squared error of the discrete VAE and cross-entropy of the decoder, summed over an image and averaged over images; both count the same.
 *
 * @example
 * slateLoss(model.apply(params, { images, temperature: 1 }, context), images).loss
 */
export const slateLoss = (
  { reconstruction, scores, words }: Pick<SlateOutput, "reconstruction" | "scores" | "words">,
  images: Tensor,
): SlateLoss => {
  const [batch] = scores.shape as readonly [number, number, number]
  const squaredError = div(sum(square(sub(reconstruction, images))) as Tensor<[]>, batch) as Tensor<[]>
  const told = crossEntropy(scores, words, { reduction: "sum" })
  const entropy = div(told as Tensor<[]>, batch) as Tensor<[]>
  return { loss: add(squaredError, entropy) as Tensor<[]>, squaredError, crossEntropy: entropy }
}
