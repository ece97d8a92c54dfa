/** The configuration of a slot autoencoder's training. */
import * as t from "io-ts"
import { between, type Codec, type Fields, fraction, oneOf, optional, positive, type RecordOf, record, whole } from "../schema/index.js"
import { adjoint, data, evaluation, group, limit, onFailure, seed, target, training } from "./fields.js"

const kernels = t.readonlyArray(whole(1, 31), "a list of kernel sides")

const fields = {
  family: optional(oneOf("slotAutoencoder"), "slotAutoencoder"),
  seed,
  target,
  /** Updates in all. */
  steps: optional(whole(0, limit), 6000),
  data: data({ source: "tetrominoes", blockSize: 5, side: 35 }),
  model: group({
    slots: optional(whole(1, 64), 4),
    /** Features of a slot. */
    width: optional(whole(1, 1024), 32),
    /** Hidden units of the network in the refinement. */
    hidden: optional(whole(1, 4096), 64),
    /** Refinements of the slots. */
    iterations: optional(whole(1, 1000), 3),
    /** How the gradient passes them: the one value in which the variants differ. */
    adjoint: optional(adjoint, "oneStep"),
    /** What a refinement that has not converged means: `fixedBudget` takes it as it is, `reject` stops the run. */
    onFailure: optional(onFailure, "fixedBudget"),
  }),
  encoder: group({
    channels: optional(whole(1, 1024), 32),
    kernels: optional(kernels, [5, 3, 3]),
    /** Of the first convolution: slots attend to one place in so many pixels of a row and of a column. */
    stride: optional(whole(1, 16), 2),
    /** Hidden units of the network that ends it. */
    hidden: optional(whole(1, 4096), 64),
    /** Octaves of Fourier features of a pixel's place, beside the four of the soft position embedding. */
    frequencies: optional(whole(0, 10), 0),
  }),
  decoder: group({
    hidden: optional(whole(1, 4096), 32),
    layers: optional(whole(1, 16), 2),
    frequencies: optional(whole(0, 10), 0),
  }),
  optimiser: group({
    /** The highest rate. At 2e-3 kept for long, or reached in a few hundred steps, half of the seeds stop where slots share pieces. */
    rate: optional(positive, 1.2e-3),
    /** Steps over which the rate rises. */
    warmUp: optional(whole(0, limit), 1500),
    /** The part of the run at its end in which the rate falls. */
    decay: optional(between(0, 1), 0.6),
    /** What the rate falls to, as a part of it. */
    floor: optional(between(0, 1), 0.02),
    /** Largest norm of a gradient. */
    clip: optional(positive, 1),
    beta1: optional(fraction, 0.9),
    beta2: optional(fraction, 0.999),
  }),
  training: training({ batch: 16, checkpointEvery: 250, evaluateEvery: 500 }),
  evaluation: evaluation({ scenes: 96, finalScenes: 320 }),
} satisfies Fields

/** A slot autoencoder's training as data: everything that changes what a run gives. `defaultConfig` has every value. */
export type SlotAutoencoderConfig = RecordOf<typeof fields>

/** Reads a slot autoencoder's configuration; what is left out has its default, what is not known is refused. */
export const slotAutoencoderConfigCodec: Codec<SlotAutoencoderConfig> = record(fields)

/** The configuration of a run in which nothing is set: what `npm start` trains. */
export const defaultConfig: SlotAutoencoderConfig = group(fields).otherwise
