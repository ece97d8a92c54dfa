/**
 * A block of the autoregressive decoder of SLATE: attention to the words before, attention to the slots, and a small network, each with a
 * normalisation in front of it (Singh, Deng and Ahn 2022, after Xiong et al. 2020).
 */
import type { Tensor } from "../../core/index.js"
import { add, einsum, mul, reshape, softmax } from "../../ops/index.js"
import {
  applyPart,
  type Context,
  type DenseParams,
  dense,
  dropout,
  type Features,
  type LayerNormParams,
  layerNorm,
  type Mask,
  maskedSoftmax,
} from "../layers/index.js"

/** What a block has to know of its decoder. */
export interface WordBlockSizes {
  readonly features: number
  readonly heads: number
  readonly dropout: number
  readonly normalisedStart: boolean
}

/** The four linear maps of attention, without shifts. */
export interface WordAttentionParams {
  readonly query: Tensor
  readonly key: Tensor
  readonly value: Tensor
  readonly output: Tensor
}

/** Parameters of a block. */
export interface WordBlockParams {
  readonly selfNorm: LayerNormParams
  readonly self: WordAttentionParams
  readonly crossNorm: LayerNormParams
  readonly cross: WordAttentionParams
  readonly networkNorm: LayerNormParams
  readonly network: readonly [DenseParams, DenseParams]
}

/** Keys and values of a block by head, [B, T, heads, features / heads]. */
export interface KeysAndValues {
  readonly keys: Tensor
  readonly values: Tensor
}

const byHead = (x: Tensor, heads: number): Tensor =>
  reshape(x, [x.shape[0] as number, x.shape[1] as number, heads, (x.shape[2] as number) / heads]) as Tensor

export const onLast = (x: Tensor, w: Tensor): Tensor => einsum("bti,ij->btj", x, w) as Tensor

/** softmax(q k' / sqrt(d)) v by head, with the weights that the mask lets through. */
const read = (
  { output }: WordAttentionParams,
  queries: Tensor,
  { keys, values }: KeysAndValues,
  mask: Mask | null,
  drop: (weights: Tensor) => Tensor,
): Tensor => {
  const [batch, length, heads, width] = queries.shape as readonly [number, number, number, number]
  const scores = mul(einsum("bthd,bshd->bhts", queries, keys), width ** -0.5) as Tensor
  const weights = drop(mask === null ? (softmax(scores) as Tensor) : maskedSoftmax(scores, mask))
  return onLast(reshape(einsum("bhts,bshd->bthd", weights, values), [batch, length, heads * width]) as Tensor, output)
}

/** Keys and values that slots or words have for a block. */
export const keysAndValues = ({ key, value }: WordAttentionParams, x: Tensor, heads: number): KeysAndValues => ({
  keys: byHead(onLast(x, key), heads),
  values: byHead(onLast(x, value), heads),
})

/** The parts of a block; attention is given by its caller, the rest is the same in both forms. */
export const wordBlock = (spec: WordBlockSizes, place: number, params: WordBlockParams, context: Context) => {
  const { features, heads, dropout: rate, normalisedStart } = spec
  const norm = layerNorm(features)
  const drop = (at: number) => (x: Tensor) => (rate === 0 ? x : applyPart(context, at, "dropout", dropout(rate), null, x))
  const [first, second] = [dense(features, 4 * features, { activation: "relu" }), dense(4 * features, features)]
  const normed = (at: number, name: "selfNorm" | "crossNorm" | "networkNorm", x: Tensor): Tensor =>
    applyPart(context, at, name, norm, params[name], x as Features<number>) as Tensor
  return (x: Tensor, slots: KeysAndValues, own: (normed: Tensor) => { readonly kept: KeysAndValues; readonly mask: Mask }) => {
    const start = normed(0, "selfNorm", x)
    const { kept, mask } = own(start)
    const self = drop(2)(read(params.self, byHead(onLast(start, params.self.query), heads), kept, mask, drop(1)))
    const afterSelf = add(place === 0 && normalisedStart ? start : x, self) as Tensor
    const queries = byHead(onLast(normed(3, "crossNorm", afterSelf), params.cross.query), heads)
    const afterCross = add(afterSelf, drop(5)(read(params.cross, queries, slots, null, drop(4)))) as Tensor
    const inner = applyPart(context, 7, "first", first, params.network[0], normed(6, "networkNorm", afterCross) as Features<number>)
    const outer = applyPart(context, 8, "second", second, params.network[1], inner) as Tensor
    return add(afterCross, drop(9)(outer)) as Tensor
  }
}
