/** Slot attention: the cell, the layer around its fixed point, and the autoencoder that learns it. */
export {
  type SlotAutoencoder,
  type SlotAutoencoderParams,
  type SlotAutoencoderSpec,
  slotAutoencoder,
  slotAutoencoderCodec,
} from "./autoencoder.js"
export { attend, type CellParams, type CellSizes, cell, initCell, type Memory } from "./cell.js"
export {
  type BroadcastDecoderParams,
  type BroadcastDecoderSpec,
  broadcastDecoder,
  broadcastDecoderCodec,
  type Painting,
} from "./decoder.js"
export { radii, residuals } from "./diagnostics.js"
export {
  type Refinement,
  refinement,
  type SlotAttentionParams,
  type SlotAttentionSpec,
  type Slots,
  slotAttention,
  slotAttentionCodec,
} from "./slot-attention.js"
export { adjointOf, slotSolver, type VariantName, variantNames } from "./variants.js"
