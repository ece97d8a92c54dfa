/** The families of models that can be trained: what each configuration describes, and what training has to know of it. */
import {
  type Config,
  modelSpec,
  optimiserSpec,
  type SlateConfig,
  type SlotAutoencoderConfig,
  slateModelSpec,
  slateOptimiserSpec,
} from "../config/index.js"
import { type InputTypes, layerOf, layerWithTag } from "../layers/index.js"
import { type OptimiserSpec, optimiserOf } from "../optim/index.js"
import type { Codec } from "../schema/index.js"
import { type SlateInput, type SlateParams, type SlateSpec, slate } from "../slate/index.js"
import { type SlotAutoencoderParams, type SlotAutoencoderSpec, slotAutoencoder } from "../slot-attention/index.js"
import type { Sight, Trainable } from "../training/index.js"
import { autoencoderSight, reconstruction } from "./autoencoder-objective.js"
import { retelling, slateSight } from "./slate-objective.js"
import { temperatureAt } from "./temperature.js"

/** A model that can be trained, as data. */
export type ModelSpec = SlotAutoencoderSpec | SlateSpec

/** Parameters of a model of any family; its description says which. */
export type ModelParams = SlotAutoencoderParams | SlateParams

/** Reads the description of a model from outside: all that is needed to build it again. */
export const modelCodec: Codec<ModelSpec> = layerWithTag<ModelSpec>("a model", "slotAutoencoder", "slate")

/**
 * Initial parameters of a model by its description.
 *
 * @example
 * initOf(modelSpec(defaultConfig))(key(0))
 */
export const initOf = (model: ModelSpec): Trainable<ModelParams, unknown>["init"] => layerOf(model).init as never // the tag says which

/**
 * An example of what a model takes: one image with that side.
 *
 * @example
 * inputOf(modelSpec(defaultConfig), 35) // what summary(layerOf(...), input) wants
 */
export const inputOf = (model: ModelSpec, side: number): InputTypes => {
  const images: InputTypes = { elem: "float", shape: [1, side, side, 3] }
  return model._tag === "slate" ? { images, temperature: { elem: "float", shape: [] } } : images
}

/**
 * How a model is looked at by its description; the configuration says how many refinements it makes.
 *
 * @example
 * sightOf(modelSpec(defaultConfig), defaultConfig).slots // 4
 */
export const sightOf = (model: ModelSpec, { model: { iterations } }: Config): Sight<ModelParams> =>
  (model._tag === "slate" ? slateSight(model, iterations) : autoencoderSight(model, iterations)) as Sight<ModelParams> // of one family only

/** What a configuration describes. */
export interface Described {
  readonly model: ModelSpec
  readonly optimiser: OptimiserSpec
}

/**
 * The model and the optimiser of a configuration as data.
 *
 * @example
 * described(defaultConfig).model._tag // "slotAutoencoder"
 */
export const described = (config: Config): Described =>
  config.family === "slate"
    ? { model: slateModelSpec(config), optimiser: slateOptimiserSpec(config) }
    : { model: modelSpec(config), optimiser: optimiserSpec(config) }

const trainableSlate = (config: SlateConfig): Trainable<SlateParams, SlateInput> => {
  const model = slate(slateModelSpec(config))
  return {
    init: model.init,
    optimiser: optimiserOf(slateOptimiserSpec(config)),
    loss: retelling(model),
    batchOf: (images, step) => ({ images, temperature: temperatureAt(config.temperature, step) }),
    sight: slateSight(model.spec, config.model.iterations),
  }
}

const trainableAutoencoder = (config: SlotAutoencoderConfig): Trainable<SlotAutoencoderParams, unknown> => {
  const model = slotAutoencoder(modelSpec(config))
  return {
    init: model.init,
    optimiser: optimiserOf(optimiserSpec(config)),
    loss: reconstruction(model) as Trainable<SlotAutoencoderParams, unknown>["loss"],
    batchOf: (images) => images,
    sight: autoencoderSight(model.spec, config.model.iterations),
  }
}

/**
 * What training has to know of a configuration's model.
 *
 * @example
 * trainable(defaultConfig).sight.iterations // 3
 */
export const trainable = (config: Config): Trainable<ModelParams, unknown> =>
  // parameters and batches of a family meet in its own functions only
  (config.family === "slate" ? trainableSlate(config) : trainableAutoencoder(config)) as unknown as Trainable<ModelParams, unknown>
