/** Slot attention: the cell, the layer around its fixed point, and the autoencoder that learns it. */
export {
  type DecoderSpec,
  decoderOf,
  type SlotAutoencoder,
  type SlotAutoencoderParams,
  type SlotAutoencoderSpec,
  slotAutoencoder,
  slotAutoencoderCodec,
} from "./autoencoder.js"
export { attend, type CellOptions, type CellParams, cell, initCell, type Memory, type SlotUpdate } from "./cell.js"
export { type BroadcastDecoderParams, type BroadcastDecoderSpec, broadcastDecoder } from "./decoder.js"
export { jacobians, residuals } from "./diagnostics.js"
export { type ImageEncoder, imageEncoder } from "./encoder.js"
export type { Painting } from "./painting.js"
export { clevr6Size, type PublishedSize, type PublishedTraining, publishedAutoencoder, tetrominoesSize } from "./published.js"
export {
  type InitialSlots,
  type Refinement,
  refinement,
  type SlotAttentionOptions,
  type SlotAttentionParams,
  type SlotAttentionSpec,
  type Slots,
  slotAttention,
} from "./slot-attention.js"
export { type SpatialBroadcastDecoderParams, type SpatialBroadcastDecoderSpec, spatialBroadcastDecoder } from "./spatial-decoder.js"
export { adjointOf, slotSolver, type VariantName, variantNames } from "./variants.js"
