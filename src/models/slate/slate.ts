/**
 * SLATE (Singh, Deng and Ahn 2022): a discrete VAE turns an image into words, slot attention turns the words into slots, and a transformer
 * tells the words again, one after the other, from the slots. The refinement of slots is a fixed point; "Object Representations as Fixed
 * Points" (Chang, Griffiths and Levine 2022) is this model with the adjoint `oneStep`.
 */
import { showType, type Tensor, TraceError } from "../../core/index.js"
import { categorical, foldIn, type Key, reshape, sliceAxis, splitKeys, stopGradient } from "../../ops/index.js"
import {
  applyPart,
  type Context,
  type DenseParams,
  defineLayer,
  dense,
  type Features,
  float,
  keyFor,
  type Layer,
  type LayerNormParams,
  layerNorm,
  layerWithTag,
  type Params,
  partContext,
  seq,
} from "../layers/index.js"
import { flag, fraction, optional, whole } from "../schema/index.js"
import {
  adjointOf,
  type Refinement,
  refinement,
  type SlotAttentionParams,
  type SlotAttentionSpec,
  type Slots,
  slotAttention,
  slotSolver,
} from "../slot-attention/index.js"
import { drawWords, dvaeDecoder, dvaeEncoder, wordSide } from "./dvae.js"
import { type WordDecoderParams, type WordDecoderSpec, wordDecoder } from "./word-decoder.js"
import { type WordEmbeddingParams, type Words, wordEmbedding } from "./words.js"

/** SLATE as data. */
export interface SlateSpec {
  readonly _tag: "slate"
  /** Pixels, multiples of 4: a word stands for 4 x 4 of them. */
  readonly height: number
  readonly width: number
  readonly channels: number
  /** Features within the discrete VAE. */
  readonly dvaeFeatures: number
  /** Whether words are drawn one-hot for the discrete VAE too, with the gradient of soft ones. */
  readonly hard: boolean
  /** Of the words' vectors. */
  readonly dropout: number
  /** Its inputs are the decoder's features. */
  readonly attention: SlotAttentionSpec
  readonly decoder: WordDecoderSpec
}

/** Parameters of SLATE, part by part. */
export interface SlateParams {
  readonly dvae: { readonly encoder: Params; readonly decoder: Params }
  readonly words: WordEmbeddingParams
  /** Of the small network in front of slot attention. */
  readonly slotInput: readonly [LayerNormParams, DenseParams, DenseParams]
  readonly attention: SlotAttentionParams
  readonly slotOutput: DenseParams
  readonly decoder: WordDecoderParams
}

/** What SLATE takes. */
export interface SlateInput {
  /** [B, height, width, channels] in [0, 1]. */
  readonly images: Tensor
  /** Of the soft words: from 1 at the start of training to 0.1. */
  readonly temperature: number | Tensor<[]>
}

/** What SLATE makes of images. */
export interface SlateOutput extends Slots {
  /** Of the discrete VAE: the images from their own words, [B, height, width, channels]. */
  readonly reconstruction: Tensor
  /** The words that the decoder is to tell, [B, N]. */
  readonly words: Words
  /** The decoder's scores of them, [B, N, vocabulary]. */
  readonly scores: Tensor
}

/** A SLATE: a layer from images to what it makes of them. */
export type Slate = Layer<SlateParams, SlateInput, SlateOutput, SlateSpec>

/**
 * The parts of a SLATE as layers.
 *
 * @throws TraceError where sizes don't fit.
 *
 * @example
 * slateParts(slateSpec("small")).encoder // from images to scores of words
 */
export const slateParts = (spec: SlateSpec) => {
  const { height, width, channels, dvaeFeatures, attention, decoder, dropout } = spec
  if (height % wordSide !== 0 || width % wordSide !== 0)
    throw new TraceError(`slate: expected images with sides that ${wordSide} divides, found ${height} x ${width}`)
  if (attention.inputs !== decoder.features)
    throw new TraceError(`slate: slot attention takes ${attention.inputs} features, the words have ${decoder.features}`)
  const { vocabulary, features } = decoder
  const dvae = { vocabulary, features: dvaeFeatures, channels }
  return {
    encoder: dvaeEncoder(dvae),
    painter: dvaeDecoder(dvae),
    words: wordEmbedding({ vocabulary, length: (height / wordSide) * (width / wordSide), features, dropout }),
    slotInput: seq(layerNorm(features), dense(features, features, { activation: "relu" }), dense(features, features)),
    attention: slotAttention(attention),
    slotOutput: dense(attention.width, features, { bias: false }),
    decoder: wordDecoder(decoder),
  }
}

/**
 * Images to words, slots and words again. In training, words for the discrete VAE are drawn softly and those for slots and decoder anew;
 * in mode "eval" both are drawn one-hot. The words' numbers are whole, so no gradient of the decoder's loss reaches the discrete VAE.
 *
 * @throws TraceError where a context has no key, or sizes don't fit.
 *
 * @example
 * const model = slate(slateSpec("small"))
 * model.apply(model.init(key(0)), { images, temperature: 1 }, { key: key(1), mode: "train" }).scores.shape // [B, 64, 128]
 */
export const slate = (spec: SlateSpec): Slate => {
  const parts = slateParts(spec)
  return {
    spec,
    init: (key) => {
      const [e, p, w, i, a, o, d] = splitKeys(key, 7) as [Key, Key, Key, Key, Key, Key, Key]
      return {
        dvae: { encoder: parts.encoder.init(e), decoder: parts.painter.init(p) },
        words: parts.words.init(w),
        slotInput: parts.slotInput.init(i),
        attention: parts.attention.init(a),
        slotOutput: parts.slotOutput.init(o),
        decoder: parts.decoder.init(d),
      }
    },
    apply: (params, { images, temperature }, context) => {
      const { height, width, channels, hard } = spec
      if (images.shape.slice(1).join() !== [height, width, channels].join())
        throw new TraceError(`slate: expected images [B, ${height}, ${width}, ${channels}], found ${showType(images.type)}`)
      const [soft, own] = [foldIn(keyFor("slate", context), 0), foldIn(keyFor("slate", context), 1)]
      const wordScores = applyPart(context, 2, "dvae.encoder", parts.encoder, params.dvae.encoder, images)
      const drawn = drawWords(wordScores, { key: soft, temperature, hard: hard || context.mode === "eval" })
      const reconstruction = applyPart(context, 3, "dvae.decoder", parts.painter, params.dvae.decoder, drawn)
      const numbers = categorical(own, stopGradient(wordScores) as Tensor)
      const words = reshape(numbers, [images.shape[0] as number, -1]) as Words
      return { reconstruction, words, ...slotsAndScores(spec, params, words, context) }
    },
  }
}

/** Which of the parts slot attention is. */
const attentionPlace = 6

const slotInputs = (spec: SlateSpec, params: SlateParams, vectors: Tensor, context: Context): Features<number> =>
  applyPart(context, 5, "slotInput", slateParts(spec).slotInput, params.slotInput, vectors)

const withoutBeginning = (vectors: Tensor): Tensor => sliceAxis(vectors, 1, 1, vectors.shape[1] as number) as Tensor

/**
 * Slots from the words' vectors [B, N, features], without that of the beginning.
 *
 * @example
 * slotsOf(spec, params, vectors, { key: key(0), mode: "eval" }).slots // [B, K, slot width]
 */
export const slotsOf = (spec: SlateSpec, params: SlateParams, vectors: Tensor, context: Context): Slots => {
  const inputs = slotInputs(spec, params, vectors, context)
  return applyPart(context, attentionPlace, "attention", slateParts(spec).attention, params.attention, inputs)
}

/**
 * The map that refines slots, from the words [B, N] of images: the one that `slotsOf` repeats in the same context.
 *
 * @example
 * slateRefinement(spec, params, readWords(spec, params, images), { key: key(0), mode: "eval" }).step(slots)
 */
export const slateRefinement = (spec: SlateSpec, params: SlateParams, words: Words, context: Context): Refinement => {
  const vectors = applyPart(context, 4, "words", slateParts(spec).words, params.words, words)
  const inputs = slotInputs(spec, params, withoutBeginning(vectors), context)
  return refinement(spec.attention, params.attention, inputs, partContext(context, attentionPlace, "attention"))
}

/**
 * Slots from words [B, N], and the decoder's scores of the same words from the slots, each word given those before it.
 *
 * @example
 * slotsAndScores(spec, params, readWords(spec, params, images), { key: key(0), mode: "eval" }).scores.shape // [B, N, vocabulary]
 */
export const slotsAndScores = (
  spec: SlateSpec,
  params: SlateParams,
  words: Words,
  context: Context,
): Slots & { readonly scores: Tensor } => {
  const parts = slateParts(spec)
  const vectors = applyPart(context, 4, "words", parts.words, params.words, words)
  const found = slotsOf(spec, params, withoutBeginning(vectors), context)
  const slots = applyPart(context, 7, "slotOutput", parts.slotOutput, params.slotOutput, found.slots as Features<number>) as Tensor
  const x = sliceAxis(vectors, 1, 0, (vectors.shape[1] as number) - 1) as Tensor
  return { ...found, scores: applyPart(context, 8, "decoder", parts.decoder, params.decoder, { x, slots }) }
}

defineLayer({
  tag: "slate",
  fields: {
    height: whole(wordSide, 65536),
    width: whole(wordSide, 65536),
    channels: optional(whole(1, 4096), 3),
    dvaeFeatures: optional(whole(1, 4096), 64),
    hard: optional(flag, false),
    dropout: optional(fraction, 0.1),
    attention: layerWithTag<SlotAttentionSpec>("slot attention", "slotAttention"),
    decoder: layerWithTag<WordDecoderSpec>("a decoder of words", "wordDecoder"),
  },
  build: slate,
  example: (choose) => {
    const features = 2 * choose.int(1, 2)
    const solver = slotSolver(2, adjointOf("oneStep", 2))
    const layer = slate({
      _tag: "slate",
      height: 4 * choose.int(1, 2),
      width: 4,
      channels: choose.int(1, 3),
      dvaeFeatures: 2,
      hard: choose.bool(),
      dropout: 0,
      attention: slotAttention({ inputs: features, slots: 2, width: 3, hidden: 2, solver }).spec,
      decoder: wordDecoder({ vocabulary: choose.int(2, 4), features, blocks: choose.int(1, 2), heads: 2, dropout: 0 }).spec,
    })
    const { height, width, channels } = layer.spec
    return { layer, input: { images: float(choose.int(1, 2), height, width, channels), temperature: float() } }
  },
})

/** Reads the description of a SLATE from outside: all that is needed to build it again. */
export const slateCodec = layerWithTag<SlateSpec>("a SLATE", "slate")
