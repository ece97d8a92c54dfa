/** The decoder of SLATE place by place, keeping the keys and values of the places before: what generation needs, and no place twice. */
import type { Tensor } from "../../core/index.js"
import { expandAxis, iota, lessEqual, reshape, updateSlice, zeros } from "../../ops/index.js"
import { type Context, type Mask, partContext } from "../layers/index.js"
import { type KeysAndValues, keysAndValues, wordBlock } from "./word-block.js"
import { scored, type WordDecoderParams, type WordDecoderSpec } from "./word-decoder.js"

/** What generation carries from place to place. */
export interface Cache {
  /** By block, what the places before have left; places that are still to come hold zeros. */
  readonly words: readonly KeysAndValues[]
  readonly slots: readonly KeysAndValues[]
}

/**
 * A cache for so many places, and what each block reads from the slots [B, K, features].
 *
 * @example
 * startCache(spec, params, slots, 64)
 */
export const startCache = (spec: WordDecoderSpec, params: WordDecoderParams, slots: Tensor, places: number): Cache => {
  const slotsOf = params.blocks.map(({ cross }) => keysAndValues(cross, slots, spec.heads))
  const none = zeros([slots.shape[0] as number, places, spec.heads, spec.features / spec.heads]) as Tensor
  return { slots: slotsOf, words: params.blocks.map(() => ({ keys: none, values: none })) }
}

/**
 * Scores of the word after `place`, [B, vocabulary], from the vector x [B, features] at that place; and the cache with that place in it.
 *
 * @example
 * const [scores, next] = decodeAt(spec, params, cache, x, place)
 */
export const decodeAt = (
  spec: WordDecoderSpec,
  params: WordDecoderParams,
  cache: Cache,
  x: Tensor,
  place: Tensor<[], "int">,
): readonly [scores: Tensor, next: Cache] => {
  const context: Context = { mode: "eval" }
  const words: KeysAndValues[] = []
  let state = expandAxis(x, 1) as Tensor
  params.blocks.forEach((p, i) => {
    const before = cache.words[i] as KeysAndValues
    state = wordBlock(
      spec,
      i,
      p,
      partContext(context, i, `blocks.${i}`),
    )(state, cache.slots[i] as KeysAndValues, (normed) => {
      const own = keysAndValues(p.self, normed, spec.heads)
      const kept = {
        keys: updateSlice(before.keys, own.keys, [0, place, 0, 0]) as Tensor,
        values: updateSlice(before.values, own.values, [0, place, 0, 0]) as Tensor,
      }
      words.push(kept)
      const seen = lessEqual(iota(before.keys.shape[1] as number), place)
      return { kept, mask: reshape(seen, [1, before.keys.shape[1] as number]) as Mask }
    })
  })
  const scores = scored(spec, params, state, context)
  return [reshape(scores, [scores.shape[0] as number, spec.vocabulary]) as Tensor, { ...cache, words }]
}
