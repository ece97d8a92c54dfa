/** The configuration of a SLATE's training. */
import { type Solver, solverCodec } from "../../implicit/index.js"
import {
  between,
  type Codec,
  type Fields,
  flag,
  fraction,
  oneOf,
  optional,
  orNull,
  positive,
  type RecordOf,
  record,
  whole,
} from "../schema/index.js"
import { slateSizes } from "../slate/index.js"
import { adjoint, data, evaluation, group, limit, onFailure, seed, target, training } from "./fields.js"

const { small } = slateSizes

const fields = {
  family: optional(oneOf("slate"), "slate"),
  seed,
  target,
  /** Updates in all. */
  steps: optional(whole(0, limit), 2000),
  data: data({ source: "sprites", blockSize: 4, side: small.side }),
  model: group({
    vocabulary: optional(whole(2, limit), small.vocabulary),
    /** Features of a word. */
    features: optional(whole(1, 4096), small.features),
    /** Of the decoder. */
    blocks: optional(whole(1, 64), small.blocks),
    heads: optional(whole(1, 64), small.heads),
    slots: optional(whole(1, 64), small.slots),
    /** Features of a slot. */
    width: optional(whole(1, 4096), small.width),
    /** Heads of slot attention. */
    slotHeads: optional(whole(1, 64), 1),
    /** Refinements of the slots. */
    iterations: optional(whole(1, 1000), small.iterations),
    /** How the gradient passes them: the one value in which the variants differ. */
    adjoint: optional(adjoint, "oneStep"),
    /** A forward solver { _tag, ... } in the place of `iterations` refinements, with its own adjoint. */
    solver: optional(orNull(solverCodec) as Codec<Solver | null>, null),
    /** What a refinement that has not converged means: `fixedBudget` takes it as it is, `reject` stops the run. */
    onFailure: optional(onFailure, "fixedBudget"),
    initial: optional(oneOf("random", "learned"), "random"),
    /** Whether the gradient reaches the initial slots straight through. */
    bilevel: optional(flag, false),
    dropout: optional(fraction, 0.1),
    /** Whether words for the discrete VAE are drawn one-hot, with the gradient of soft ones. */
    hard: optional(flag, false),
    /** Whether the decoder's first block starts from its normalised input, as in the published code. */
    normalisedStart: optional(flag, true),
  }),
  /** Of the soft words: along half a cosine. */
  temperature: group({
    from: optional(positive, 1),
    to: optional(positive, 0.1),
    steps: optional(whole(0, limit), 1000),
  }),
  optimiser: group({
    /** Of the discrete VAE, from the first step on. */
    dvaeRate: optional(positive, 1e-3),
    /** Of all else, risen to over `warmUp` steps. */
    rate: optional(positive, 1e-3),
    warmUp: optional(whole(0, limit), 200),
    /** Largest component of a gradient. */
    clip: optional(positive, 1),
    /** Both rates are halved when the mean loss of `every` steps has not been better for more than `patience` times as many. */
    patience: optional(whole(0, limit), 4),
    every: optional(whole(1, limit), 1000),
    factor: optional(between(0, 1), 0.5),
    beta1: optional(fraction, 0.9),
    beta2: optional(fraction, 0.999),
  }),
  training: training({ batch: 8, checkpointEvery: 250, evaluateEvery: 500 }),
  evaluation: evaluation({ scenes: 64, finalScenes: 128 }),
} satisfies Fields

/** A SLATE's training as data: everything that changes what a run gives. `defaultSlateConfig` has every value. */
export type SlateConfig = RecordOf<typeof fields>

/** Reads a SLATE's configuration; what is left out has its default, what is not known is refused. */
export const slateConfigCodec: Codec<SlateConfig> = record(fields)

/** The configuration of a SLATE's run in which nothing is set: the size `small` on scenes of sprites, with rates for a few thousand steps. */
export const defaultSlateConfig: SlateConfig = group(fields).otherwise
