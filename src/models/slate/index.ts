/** SLATE: a discrete VAE, slot attention and an autoregressive decoder. */
export { type Cache, decodeAt, startCache } from "./cached-decoding.js"
export { type ConvBlockParams, type ConvBlockSpec, convBlock } from "./conv-block.js"
export { type Drawing, type DvaeOptions, drawWords, dvaeDecoder, dvaeEncoder, inOrder, likelyWords, wordSide } from "./dvae.js"
export { generateWords, paintWords, readWords, slotsOfImages } from "./generate.js"
export { type SlateLoss, slateLoss } from "./loss.js"
export { type SlateOptions, type SlateSize, type SlateSizes, slateSizes, slateSpec } from "./presets.js"
export {
  type Slate,
  type SlateInput,
  type SlateOutput,
  type SlateParams,
  type SlateSpec,
  slate,
  slateCodec,
  slateParts,
  slateRefinement,
  slotsAndScores,
  slotsOf,
} from "./slate.js"
export type { KeysAndValues, WordAttentionParams, WordBlockParams } from "./word-block.js"
export {
  type WordDecoderInput,
  type WordDecoderOptions,
  type WordDecoderParams,
  type WordDecoderSpec,
  wordDecoder,
} from "./word-decoder.js"
export { type WordEmbeddingParams, type WordEmbeddingSpec, type Words, wordEmbedding } from "./words.js"
