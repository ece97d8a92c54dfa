/** Layers: functions with parameters, each with a description that is data. */
export { type Activation, type ActivationSpec, activation } from "./activation.js"
export { type ConvolutionOptions, type ConvolutionParams, type ConvolutionSpec, convolution } from "./convolution.js"
export { checkFeatures, type DenseOptions, type DenseParams, type DenseSpec, dense } from "./dense.js"
export { type GruInput, type GruParams, type GruSpec, gru } from "./gru.js"
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
export type { Padding, PerAxis } from "./per-axis.js"
export { type PositionEmbeddingParams, type PositionEmbeddingSpec, placeFeatures, places, positionEmbedding } from "./position-embedding.js"
export {
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
} from "./registry.js"
export { mlp, type SeqSpec, seq } from "./seq.js"
