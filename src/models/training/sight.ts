/** How a model is looked at, whatever family it is of. */
import type { Tensor } from "../../core/index.js"
import type { Key } from "../../ops/index.js"
import type { Context } from "../layers/index.js"
import type { Refinement, SlotAttentionParams, SlotAttentionSpec } from "../slot-attention/index.js"

/** What a model makes of images [B, S, S, 3] in [0, 1]. */
export interface Seen {
  /** What comes back through the slots, [B, S, S, 3], in [0, 1] where the model paints well. */
  readonly reconstruction: Tensor
  /** What each slot attends to, [B, K, S, S]. */
  readonly attention: Tensor
  /** How much of each pixel a slot has where the decoder mixes slots, [B, K, S, S], and what each would paint alone, [B, K, S, S, 3]. */
  readonly painting: { readonly masks: Tensor; readonly parts: Tensor } | null
  /** Further pictures by name, [B, S, S, 3]. */
  readonly pictures: Readonly<Record<string, Tensor>>
  /** Numbers of each image by name, [B]. */
  readonly numbers: Readonly<Record<string, Tensor>>
}

/** The map whose fixed point slots are, with what it is made of. */
export interface SlotMap {
  readonly spec: SlotAttentionSpec
  readonly params: SlotAttentionParams
  readonly refinement: Refinement
}

/** How a model is looked at. */
export interface Sight<P> {
  readonly slots: number
  /** Refinements that the model makes. */
  readonly iterations: number
  readonly see: (params: P, images: Tensor, key: Key) => Seen
  /** Slots [B, K, width] of images in [0, 1]. */
  readonly slotsOf: (params: P, images: Tensor, key: Key) => Tensor
  /** Images [B, S, S, 3] of slots, in [0, 1] where the model paints well. */
  readonly paint: (params: P, slots: Tensor) => Tensor
  readonly slotMap: (params: P, images: Tensor, context: Context) => SlotMap
}
