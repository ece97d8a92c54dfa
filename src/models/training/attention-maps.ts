/** Attention as images. */
import { showType, type Tensor, TraceError } from "../../core/index.js"
import { reshape, resize } from "../../ops/index.js"

/**
 * Attention to the places of a square grid [B, K, N], as maps of `side` pixels [B, K, side, side]: interpolated, the outermost places at
 * the edges. Where the grid is that of the pixels, the same numbers.
 *
 * @throws TraceError where N is no square.
 *
 * @example
 * attentionMaps(zeros([1, 4, 9]), 5).shape // [1, 4, 5, 5]
 */
export const attentionMaps = (attention: Tensor, side: number): Tensor => {
  const [scenes, slots, places] = attention.shape as [number, number, number]
  const grid = Math.round(Math.sqrt(places))
  if (attention.shape.length !== 3 || grid * grid !== places)
    throw new TraceError(`attentionMaps: expected attention [B, K, N] to a square grid of places, found ${showType(attention.type)}`)
  const maps = reshape(attention, [scenes * slots, grid, grid, 1]) as Tensor
  return reshape(resize(maps, [side, side], { alignCorners: true }), [scenes, slots, side, side]) as Tensor
}
