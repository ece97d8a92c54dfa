/** Images from slots: words told greedily, one after the other, and painted. */
import type { Tensor } from "../../core/index.js"
import { add, argmax, cast, full, iota, oneHot, permute, reshape, scan, sliceAxis, take } from "../../ops/index.js"
import type { Context, Features } from "../layers/index.js"
import { type Cache, decodeAt, startCache } from "./cached-decoding.js"
import { inOrder, likelyWords, wordSide } from "./dvae.js"
import { type SlateParams, type SlateSpec, slateParts, slotsOf } from "./slate.js"
import type { Words } from "./words.js"

const still: Context = { mode: "eval" }

/**
 * The words that slots [B, K, slot width] stand for, [B, N]: at each place the one with the highest score, given those before it.
 *
 * @example
 * generateWords(spec, params, slots)
 */
export const generateWords = (spec: SlateSpec, params: SlateParams, slots: Tensor): Words => {
  const parts = slateParts(spec)
  const { decoder } = spec
  const length = (spec.height / wordSide) * (spec.width / wordSide)
  const read = parts.slotOutput.apply(params.slotOutput, slots as Features<number>, still) as Tensor
  const [batch] = slots.shape as readonly [number]
  const turn = ({ row, cache }: { readonly row: Words; readonly cache: Cache }, place: Words) => {
    const x = add(take(params.words.table, row), take(params.words.places, place)) as Tensor
    const [scores, next] = decodeAt(decoder, params.decoder, cache, x, place)
    const word = argmax(scores, -1) as Words
    // row 0 of the table is the beginning
    return [{ row: add(word, 1) as Words, cache: next }, word] as const
  }
  const begin = { row: cast(full([batch], 0), "int") as Words, cache: startCache(decoder, params.decoder, read, length) }
  // a cache of as many blocks as the description says: the types of scan ask for known trees
  const [, told] = scan(turn as never, begin as never, cast(iota(length), "int") as never) as unknown as readonly [unknown, Words]
  return permute(told, [1, 0]) as Words
}

/**
 * The image of words [B, N], [B, height, width, channels], by the discrete VAE.
 *
 * @example
 * paintWords(spec, params, generateWords(spec, params, slots))
 */
export const paintWords = (spec: SlateSpec, params: SlateParams, words: Words): Tensor => {
  const [batch] = words.shape as readonly [number]
  const grid = [batch, spec.height / wordSide, spec.width / wordSide, spec.decoder.vocabulary]
  const one = reshape(oneHot(words, spec.decoder.vocabulary) as Tensor, grid) as Tensor
  return slateParts(spec).painter.apply(params.dvae.decoder, one, still)
}

/**
 * The most probable words of images, [B, N].
 *
 * @example
 * readWords(spec, params, images)
 */
export const readWords = (spec: SlateSpec, params: SlateParams, images: Tensor): Words =>
  argmax(inOrder(likelyWords(slateParts(spec).encoder.apply(params.dvae.encoder, images, still))), -1) as Words

/**
 * Slots of images [B, K, slot width] from their most probable words: with their attention and residual.
 *
 * @example
 * slotsOfImages(spec, params, images, { key: key(0), mode: "eval" }).slots
 */
export const slotsOfImages = (spec: SlateSpec, params: SlateParams, images: Tensor, context: Context) => {
  const vectors = slateParts(spec).words.apply(params.words, readWords(spec, params, images), still)
  return slotsOf(spec, params, sliceAxis(vectors, 1, 1, vectors.shape[1] as number) as Tensor, context)
}
