/** Scaled dot-product attention with several heads (Vaswani et al. 2017). */
import { isTensor, showType, type Tensor, TraceError, type Unchecked } from "../../core/index.js"
import {
  add,
  and,
  div,
  einsum,
  equal,
  exp,
  expandAxis,
  iota,
  type Key,
  lessEqual,
  max,
  mul,
  onesLike,
  reshape,
  restoreAxes,
  softmax,
  splitKeys,
  stopGradient,
  sub,
  sum,
  where,
  zerosLike,
} from "../../ops/index.js"
import { flag, fraction, optional, orNull, whole } from "../schema/index.js"
import { checkFeatures, type DenseParams, dense } from "./dense.js"
import { dropout } from "./dropout.js"
import { applyPart, type Features, type Layer, type UncheckedLayer } from "./layer.js"
import { defineLayer, float } from "./registry.js"

/** Truth values, of any shape. */
export type Mask = Tensor<Unchecked, "bool">

/** Below every score, and still far from the end of float32. */
const LOW = -1e30

/**
 * softmax over the last axis of what the mask (broadcast to the scores) lets through. Where it lets nothing through all weights are 0,
 * and so is their derivative: no NaN in either direction.
 *
 * @example
 * maskedSoftmax(scores, mask)
 */
export const maskedSoftmax = (scores: Tensor, mask: Mask): Tensor => {
  const axes = [scores.shape.length - 1]
  const allowed = where(mask, scores, LOW) as Tensor
  const largest = restoreAxes(stopGradient(max(allowed, axes) as Tensor), scores.shape, axes)
  const e = where(mask, exp(sub(allowed, largest) as Tensor), zerosLike(scores)) as Tensor
  const total = sum(e, axes) as Tensor
  return div(e, restoreAxes(where(equal(total, 0), onesLike(total), total) as Tensor, scores.shape, axes)) as Tensor
}

/** What attention takes beside a plain tensor of queries. */
export interface AttentionInput {
  /** [B, T, features] */
  readonly x: Tensor
  /** Where keys and values come from, [B, S, memory]. Default `x`: self-attention. */
  readonly memory?: Tensor
  /** Which elements of the memory there are, [B, S]; the others are padding. Padding has to be finite. */
  readonly present?: Mask
}

/** Multi-head attention as data; its fields are those of the constructor. */
export interface MultiHeadAttentionSpec {
  readonly _tag: "multiHeadAttention"
  readonly features: number
  readonly heads: number
  readonly memory: number | null
  readonly causal: boolean
  readonly bias: boolean
  readonly dropout: number
}

/** Parameters of multi-head attention: its four linear maps. */
export interface MultiHeadAttentionParams {
  readonly query: DenseParams
  readonly key: DenseParams
  readonly value: DenseParams
  readonly output: DenseParams
}

/** Options of `multiHeadAttention`. */
export interface AttentionOptions {
  /** Default 1. */
  readonly heads?: number
  /** Features of a memory that is given beside the queries (cross-attention). Default null: self-attention, or a memory like x. */
  readonly memory?: number | null
  /** Query t sees elements 0 to t only (with S elements and T queries: 0 to t + S - T). Default false. */
  readonly causal?: boolean
  /** Whether the four linear maps have shifts. Default true. */
  readonly bias?: boolean
  /** Rate of dropout on the weights. Default 0. */
  readonly dropout?: number
}

/** [T, S]: whether query t may see element s. */
const causalMask = (queries: number, elements: number): Mask => {
  const latest = add(iota(queries), elements - queries)
  return lessEqual(expandAxis(iota(elements), 0), expandAxis(latest, 1))
}

const maskOf = (causal: boolean, present: Mask | undefined, queries: number, elements: number): Mask | null => {
  const padding = present === undefined ? null : (reshape(present, [present.shape[0] as number, 1, 1, elements]) as Mask)
  const order = causal ? causalMask(queries, elements) : null
  return padding === null || order === null ? (padding ?? order) : and(padding, order)
}

/**
 * softmax(q k' / sqrt(d)) v in each of `heads` parts of d = features / heads, where q = x W_q + b_q, and k and v come from the memory (x
 * itself where there is none); the parts side by side go through W_o + b_o. [B, T, features] -> [B, T, features].
 *
 * Takes the tensor x, or `{ x, memory, present }`. A query that may see nothing gets the weights 0, and so the output b_o.
 *
 * @throws TraceError when the heads don't divide the features, or an input has another shape.
 *
 * @example
 * multiHeadAttention(64, { heads: 4, causal: true })
 * multiHeadAttention<64, AttentionInput>(64, { heads: 4, memory: 192 }) // { x, memory } -> [B, T, 64]
 */
export const multiHeadAttention = <const N extends number, I extends Tensor | AttentionInput = Tensor>(
  features: N,
  options: AttentionOptions = {},
): Layer<MultiHeadAttentionParams, I, Features<N>, MultiHeadAttentionSpec> => {
  const { heads = 1, memory = null, causal = false, bias = true, dropout: rate = 0 } = options
  if (features % heads !== 0) throw new TraceError(`multiHeadAttention: ${heads} heads must divide the ${features} features`)
  const width = features / heads
  const [near, far] = [dense(features, features, { bias }), dense(memory ?? features, features, { bias })]
  return {
    spec: { _tag: "multiHeadAttention", features, heads, memory, causal, bias, dropout: rate },
    init: (key) => {
      const [q, k, v, o] = splitKeys(key, 4) as [Key, Key, Key, Key]
      return { query: near.init(q), key: far.init(k), value: far.init(v), output: near.init(o) }
    },
    apply: (params, input, context) => {
      const given: AttentionInput = isTensor(input) ? { x: input as Tensor } : (input as AttentionInput)
      const { x, present } = given
      if (memory !== null && given.memory === undefined)
        throw new TraceError(`multiHeadAttention: expected { x, memory } with a memory [B, S, ${memory}], found no memory`)
      const from = given.memory ?? x
      for (const [what, t, n] of [["queries", x, features] as const, ["the memory", from, memory ?? features] as const]) {
        if (t.shape.length !== 3) throw new TraceError(`multiHeadAttention: expected ${what} [B, length, ${n}], found ${showType(t.type)}`)
        checkFeatures(`multiHeadAttention: ${what}`, t, n)
      }
      const [batch, queries, elements] = [x.shape[0] as number, x.shape[1] as number, from.shape[1] as number]
      if (present !== undefined && present.shape.join() !== [batch, elements].join())
        throw new TraceError(`multiHeadAttention: expected present bool[${batch}, ${elements}], found ${showType(present.type)}`)
      const part = (place: number, name: keyof MultiHeadAttentionParams, layer: UncheckedLayer, t: Tensor): Tensor =>
        applyPart(context, place, name, layer, params[name], t)
      const split = (t: Tensor): Tensor => reshape(t, [batch, t.shape[1] as number, heads, width]) as Tensor
      const q = split(part(0, "query", near, x))
      const [k, v] = [split(part(1, "key", far, from)), split(part(2, "value", far, from))]
      const scores = mul(einsum("bthd,bshd->bhts", q, k), width ** -0.5)
      const mask = maskOf(causal, present, queries, elements)
      const weights = mask === null ? softmax(scores) : maskedSoftmax(scores, mask)
      const kept = rate === 0 ? weights : applyPart(context, 4, "dropout", dropout(rate), null, weights)
      const read = reshape(einsum("bhts,bshd->bthd", kept, v), [batch, queries, features]) as Tensor
      return part(3, "output", near, read) as Features<N>
    },
  }
}

defineLayer({
  tag: "multiHeadAttention",
  fields: {
    features: whole(1, 65536),
    heads: optional(whole(1, 1024), 1),
    memory: optional(orNull(whole(1, 65536)), null),
    causal: optional(flag, false),
    bias: optional(flag, true),
    dropout: optional(fraction, 0),
  },
  build: (spec) => multiHeadAttention(spec.features, spec),
  example: (choose) => {
    const heads = choose.int(1, 2)
    const features = heads * choose.int(1, 2)
    const [batch, queries, elements] = [choose.int(1, 2), choose.int(1, 3), choose.int(1, 3)]
    const cross = choose.bool()
    const memory = cross ? choose.int(1, 3) : null
    const layer = multiHeadAttention(features, {
      heads,
      memory,
      causal: choose.bool(),
      bias: choose.bool(),
      dropout: choose.bool() ? 0.5 : 0,
    })
    const x = float(batch, queries, features)
    const present = { elem: "bool", shape: [batch, cross ? elements : queries] } as const
    return { layer, input: memory === null ? { x, present } : { x, memory: float(batch, elements, memory), present } }
  },
})
