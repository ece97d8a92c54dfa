/** A model of sets: features of an image, slots of the features, an object of every slot. Locatello et al. 2020, set prediction. */
import type { Tensor } from "../../core/index.js"
import { type Key, splitKeys } from "../../ops/index.js"
import { centred } from "../families/index.js"
import {
  applyPart,
  type DenseParams,
  defineLayer,
  dense,
  type Features,
  float,
  type Layer,
  type LayerSpec,
  layerCodec,
  layerOf,
  layerWithTag,
  type Params,
} from "../layers/index.js"
import { whole } from "../schema/index.js"
import {
  adjointOf,
  type SlotAttentionParams,
  type SlotAttentionSpec,
  type Slots,
  slotAttention,
  slotSolver,
} from "../slot-attention/index.js"
import { setHead } from "./head.js"
import { type SetLayout, setLayoutCodec } from "./layout.js"
import type { PredictSet } from "./programs.js"

/** A model of sets as data. */
export interface SetPredictorSpec {
  readonly _tag: "setPredictor"
  /** From images to features [B, H, W, F]. */
  readonly encoder: LayerSpec
  readonly attention: SlotAttentionSpec
  /** Hidden units of the network that tells a slot's object. */
  readonly hidden: number
  /** What the features of an object mean. */
  readonly layout: SetLayout
}

/** Parameters of a model of sets, part by part. */
export interface SetPredictorParams {
  readonly encoder: Params
  readonly attention: SlotAttentionParams
  readonly head: readonly [DenseParams, DenseParams]
}

/** What a model of sets finds in images. */
export interface PredictedSet extends Slots {
  /** An object for each slot, in the features of the layout, [B, K, features]. */
  readonly objects: Tensor
}

/** A model of sets: a layer from images to slots and their objects. */
export type SetPredictor = Layer<SetPredictorParams, Tensor, PredictedSet, SetPredictorSpec>

/**
 * Images [B, H, W, C] to slots and an object of each.
 *
 * @example
 * const spec = imageSetPredictor({ side: 14, layout: tetrominoesLayout({ blockSize: 2 }), slots: 4, solver: slotSolver(3, oneStep) })
 * const model = setPredictor(spec)
 * model.apply(model.init(key(0)), zeros([1, 14, 14, 3]), { key: key(1), mode: "eval" }).objects.shape // [1, 4, 26]
 */
export const setPredictor = (spec: SetPredictorSpec): SetPredictor => {
  const encoder = layerOf(spec.encoder)
  const attention = slotAttention(spec.attention)
  const head = setHead(spec.attention.width, spec.hidden, spec.layout)
  return {
    spec,
    init: (key) => {
      const [e, a, h] = splitKeys(key, 3) as [Key, Key, Key]
      return { encoder: encoder.init(e), attention: attention.init(a), head: head.init(h) }
    },
    apply: (params, images, context) => {
      const features = applyPart(context, 0, "encoder", encoder, params.encoder, images)
      const found = applyPart(context, 1, "attention", attention, params.attention, features)
      const objects = applyPart(context, 2, "head", head, params.head, found.slots as Features<number>) as Tensor
      return { ...found, objects }
    },
  }
}

defineLayer({
  tag: "setPredictor",
  fields: {
    encoder: layerCodec,
    attention: layerWithTag<SlotAttentionSpec>("slot attention", "slotAttention"),
    hidden: whole(1, 65536),
    layout: setLayoutCodec,
  },
  build: setPredictor,
  example: (choose) => {
    const [height, width, channels] = [choose.int(1, 2), choose.int(2, 3), choose.int(1, 3)]
    const layer = setPredictor({
      _tag: "setPredictor",
      encoder: dense(channels, 3).spec,
      attention: slotAttention({ inputs: 3, slots: 2, width: 3, hidden: 2, solver: slotSolver(2, adjointOf("oneStep", 2)) }).spec,
      hidden: choose.int(1, 3),
      layout: {
        position: { dimensions: choose.int(1, 2), scale: 1 },
        attributes: [{ name: "colour", classes: choose.int(1, 3) }],
      },
    })
    return { layer, input: float(2, height, width, channels) }
  },
})

/** Reads the description of a model of sets from outside: all that is needed to build it again. */
export const setPredictorCodec = layerWithTag<SetPredictorSpec>("a model of sets", "setPredictor")

/**
 * The objects that a model finds in images with values in [0, 1], as a loss of sets takes them.
 *
 * @example
 * const step = setStepIn(session, predictedObjects(setPredictor(spec), "train"), adam({ rate: 1e-3 }))
 */
export const predictedObjects =
  (model: SetPredictor, mode: "train" | "eval"): PredictSet<SetPredictorParams, Tensor> =>
  (params, images, key) =>
    model.apply(params, centred(images), { key, mode }).objects
