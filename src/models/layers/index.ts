/** Layers: functions with parameters, each with a description that is data. */
export { type Activation, type ActivationSpec, activation } from "./activation.js"
export {
  type AttentionInput,
  type AttentionOptions,
  type Mask,
  type MultiHeadAttentionParams,
  type MultiHeadAttentionSpec,
  maskedSoftmax,
  multiHeadAttention,
} from "./attention.js"
export { type ConvolutionOptions, type ConvolutionParams, type ConvolutionSpec, convolution } from "./convolution.js"
export { countParameters, flops } from "./counting.js"
export { checkFeatures, type DenseOptions, type DenseParams, type DenseSpec, dense, onLastAxis } from "./dense.js"
export { type DeqOptions, type DeqParams, type DeqSpec, deq, type TransformerDeqOptions, transformerDeq } from "./deq.js"
export { type DropoutSpec, dropout } from "./dropout.js"
export { type EmbeddingParams, type EmbeddingSpec, embedding } from "./embedding.js"
export { type FeedForwardOptions, type FeedForwardParams, type FeedForwardSpec, feedForward } from "./feed-forward.js"
export { type Flops, flopsOfGraph } from "./flops.js"
export { type GruInput, type GruParams, type GruSpec, gru } from "./gru.js"
export { type ImplicitOptions, type ImplicitSpec, implicit } from "./implicit-layer.js"
export { glorot, he, none, ones, orthogonal } from "./initial.js"
export {
  type AnyLayer,
  type Application,
  applyPart,
  type Context,
  type Features,
  keyFor,
  type Layer,
  type Observe,
  type Params,
  partContext,
  type Spec,
  type UncheckedLayer,
} from "./layer.js"
export { type LayerNormParams, type LayerNormSpec, layerNorm } from "./layer-norm.js"
export { concatenation, type LiftSpec, lift, type MapOutputSpec, mapOutput, total } from "./lift.js"
export { type LstmInput, type LstmParams, type LstmSpec, type LstmState, lstm } from "./lstm.js"
export { type MlpOptions, mlp } from "./mlp.js"
export { type MonotoneOptions, type MonotoneParams, type MonotoneSpec, monotone } from "./monotone.js"
export { type GroupNormSpec, groupNorm, type RmsNormParams, type RmsNormSpec, rmsNorm } from "./norms.js"
export { type AcrossSpec, across, type ParallelSpec, parallel } from "./parallel.js"
export type { Padding, PerAxis } from "./per-axis.js"
export {
  type GlobalPoolingSpec,
  globalPooling,
  type PoolingKind,
  type PoolingOptions,
  type PoolingSpec,
  pooling,
} from "./pooling.js"
export { type PositionEmbeddingParams, type PositionEmbeddingSpec, placeFeatures, places, positionEmbedding } from "./position-embedding.js"
export {
  type LearnedPositionParams,
  type LearnedPositionSpec,
  learnedPosition,
  type SinusoidalPositionSpec,
  sinusoidalPosition,
} from "./positions.js"
export { type CellSpec, type RecurrentOptions, type RecurrentSpec, recurrent } from "./recurrent.js"
export {
  decodeLayer,
  defineLayer,
  float,
  type InputTypes,
  type LayerExample,
  type LayerKind,
  type LayerSpec,
  layerCodec,
  layerExamples,
  layerListCodec,
  layerOf,
  layerWithTag,
} from "./registry.js"
export { type RepeatSpec, repeat } from "./repeat.js"
export { type FlatteningSpec, flattening, type PixelShufflingSpec, pixelShuffling, type ReshapingSpec, reshaping } from "./reshaping.js"
export { type ResidualSpec, residual } from "./residual.js"
export { type SeqSpec, seq } from "./seq.js"
export { type SinkhornOptions, type SinkhornSpec, sinkhorn } from "./sinkhorn.js"
export { type SoftKMeansOptions, type SoftKMeansParams, type SoftKMeansSpec, softKMeans } from "./soft-k-means.js"
export { type SummaryRow, summary, summaryRows } from "./summary.js"
export {
  type BranchParams,
  type Tokens,
  type TransformerBlockOptions,
  type TransformerBlockParams,
  type TransformerBlockSpec,
  transformerBlock,
} from "./transformer.js"
export { type TransposedConvolutionOptions, type TransposedConvolutionSpec, transposedConvolution } from "./transposed-convolution.js"
