/** Families of models that can be trained: slot autoencoders and SLATE. */
export { autoencoderSight, centred, reconstruction } from "./autoencoder-objective.js"
export { type Described, described, initOf, inputOf, type ModelParams, type ModelSpec, modelCodec, sightOf, trainable } from "./families.js"
export { retelling, type SlateStep, slateSight } from "./slate-objective.js"
export { temperatureAt } from "./temperature.js"
