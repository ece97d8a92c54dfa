/** A whole training run as data, with defaults for everything. */
import * as t from "io-ts"
import { targetNames } from "../../core/index.js"
import { type Adjoint, adjointCodec } from "../../implicit/index.js"
import { between, type Codec, type Fields, fraction, oneOf, optional, positive, type RecordOf, record, whole } from "../schema/index.js"
import { type VariantName, variantNames } from "../slot-attention/index.js"

/** A record all of whose fields have defaults, and may be left out itself. */
const group = <const F extends Fields>(fields: F) => {
  const codec = record(fields)
  const defaults = Object.fromEntries(
    Object.entries(fields).map(([key, field]) => [key, "otherwise" in field ? field.otherwise : undefined]),
  )
  return optional(codec, defaults as RecordOf<F>)
}

const variantName = oneOf(...variantNames)

/** A variant by name, or any adjoint spelled out. */
const adjoint: Codec<VariantName | Adjoint> = new t.Type<VariantName | Adjoint, VariantName | Adjoint, unknown>(
  `${variantName.name}, or an adjoint { _tag, ... }`,
  (u): u is VariantName | Adjoint => variantName.is(u) || adjointCodec.is(u),
  (u, c) => (typeof u === "object" && u !== null ? adjointCodec.validate(u, c) : variantName.is(u) ? t.success(u) : t.failure(u, c)),
  t.identity,
)

const kernels = t.readonlyArray(whole(1, 31), "a list of kernel sides")

const limit = 2 ** 24

const fields = {
  /** Everything random follows from it: initial parameters, scenes, slots' noise. */
  seed: optional(whole(0, 2 ** 32 - 1), 0),
  target: optional(oneOf("auto", ...targetNames), "wasm"),
  /** Updates in all. */
  steps: optional(whole(0, limit), 6000),
  data: group({
    /** Side of a block in pixels; images are 7 blocks wide. */
    blockSize: optional(whole(1, 16), 5),
  }),
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
    onFailure: optional(oneOf("fixedBudget", "reject", "useBest"), "fixedBudget"),
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
  training: group({
    /** Scenes a step. */
    batch: optional(whole(1, 4096), 16),
    checkpointEvery: optional(whole(1, limit), 250),
    evaluateEvery: optional(whole(1, limit), 500),
  }),
  evaluation: group({
    /** Held-out scenes of an evaluation during training, and of the last one. */
    scenes: optional(whole(1, 100_000), 96),
    finalScenes: optional(whole(1, 100_000), 320),
    /** Refinements whose residuals are shown, and powers of the Jacobian for its spectral radius. */
    iterations: optional(whole(1, 1000), 32),
    powers: optional(whole(2, 1000), 32),
  }),
} satisfies Fields

/** A whole training run as data: everything that changes what a run gives. `defaultConfig` has every value. */
export type Config = RecordOf<typeof fields>

/** Reads a configuration; what is left out has its default, what is not known is refused. */
export const configCodec: Codec<Config> = record(fields)

/** The configuration of a run in which nothing is set: what `npm start` trains. */
export const defaultConfig: Config = group(fields).otherwise
