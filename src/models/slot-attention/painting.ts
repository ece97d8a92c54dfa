/** What a decoder gives: an image of the slots, and which slot painted what. */
import type { Tensor } from "../../core/index.js"
import { einsum, indexAxis, reshape, sliceAxis, softmax } from "../../ops/index.js"

/** What a decoder makes of slots. */
export interface Painting {
  /** [B, height, width, channels] */
  readonly reconstruction: Tensor
  /** How much of each pixel a slot has, [B, K, height, width]; the slots' shares sum to one. */
  readonly masks: Tensor
  /** What each slot would paint alone, [B, K, height, width, channels]. */
  readonly parts: Tensor
}

/** masks = softmax over slots of the last channel of [B, K, height width, channels + 1], reconstruction = sum over slots of masks x colours. */
export const painting = (painted: Tensor, height: number, width: number): Painting => {
  const [batch, , , features] = painted.shape as [number, number, number, number]
  const channels = features - 1
  const parts = sliceAxis(painted, -1, 0, channels)
  const shares = softmax(indexAxis(painted, -1, channels), 1)
  const image = (x: Tensor, ...trailing: readonly number[]) => reshape(x, [batch, -1, height, width, ...trailing]) as Tensor
  const reconstruction = einsum("bkn,bknc->bnc", shares, parts)
  return {
    reconstruction: reshape(reconstruction, [batch, height, width, channels]) as Tensor,
    masks: image(shares),
    parts: image(parts, channels),
  }
}
