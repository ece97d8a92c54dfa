/** Parts that the configurations of all families have. */
import * as t from "io-ts"
import { targetNames } from "../../core/index.js"
import { type Adjoint, adjointCodec } from "../../implicit/index.js"
import { resizeMethods } from "../data/index.js"
import { type Codec, type Fields, oneOf, optional, type RecordOf, record, whole } from "../schema/index.js"
import { type VariantName, variantNames } from "../slot-attention/index.js"

/** A record all of whose fields have defaults, and may be left out itself. */
export const group = <const F extends Fields>(fields: F) => {
  const codec = record(fields)
  const defaults = Object.fromEntries(
    Object.entries(fields).map(([key, field]) => [key, "otherwise" in field ? field.otherwise : undefined]),
  )
  return optional(codec, defaults as RecordOf<F>)
}

export const limit = 2 ** 24

const variantName = oneOf(...variantNames)

/** A variant by name, or any adjoint spelled out. */
export const adjoint: Codec<VariantName | Adjoint> = new t.Type<VariantName | Adjoint, VariantName | Adjoint, unknown>(
  `${variantName.name}, or an adjoint { _tag, ... }`,
  (u): u is VariantName | Adjoint => variantName.is(u) || adjointCodec.is(u),
  (u, c) => (typeof u === "object" && u !== null ? adjointCodec.validate(u, c) : variantName.is(u) ? t.success(u) : t.failure(u, c)),
  t.identity,
)

/** What a refinement that has not converged means. */
export const onFailure = oneOf("fixedBudget", "reject", "useBest")

/** What a step whose numbers are not finite means: it ends the run, or it is told and changes nothing. */
export const onNonFinite = oneOf("stop", "skip")

/** Everything random follows from the seed: initial parameters, scenes, noise. */
export const seed = optional(whole(0, 2 ** 32 - 1), 0)

export const target = optional(oneOf("auto", ...targetNames), "wasm")

/** Names of the kinds of images; `files` are the user's. */
export const sources = ["tetrominoes", "sprites", "emoji", "fashion", "files"] as const

/** Those that are drawn. */
export const drawnSources: readonly string[] = sources.filter((name) => name !== "files")

/** Which images. */
export const data = (defaults: { readonly source: (typeof sources)[number]; readonly blockSize: number; readonly side: number }) =>
  group({
    source: optional(oneOf(...sources), defaults.source),
    /**
     * Of `files`: a folder of PNG pictures, an .npz or .npy file, or a .tfrecord file of a published multi-object set. Of `fashion`: the folder of
     * Fashion-MNIST, where it is not the usual one.
     */
    path: optional(t.string as Codec<string>, ""),
    /** Of `tetrominoes`: side of a block in pixels; images are 7 blocks wide. */
    blockSize: optional(whole(1, 64), defaults.blockSize),
    /** Of all others: side of an image in pixels. */
    side: optional(whole(4, 1024), defaults.side),
    /** How `files` of another size are brought to it; `refuse` takes images of just that size. */
    resize: optional(oneOf("refuse", ...resizeMethods), "smooth"),
    /** What transparent pixels of `files` are put on. */
    transparency: optional(oneOf("refuse", "black", "white"), "refuse"),
  })

/** How often what happens. */
export const training = (defaults: { readonly batch: number; readonly checkpointEvery: number; readonly evaluateEvery: number }) =>
  group({
    /** Images a step. */
    batch: optional(whole(1, 4096), defaults.batch),
    checkpointEvery: optional(whole(1, limit), defaults.checkpointEvery),
    evaluateEvery: optional(whole(1, limit), defaults.evaluateEvery),
    onNonFinite: optional(onNonFinite, "stop"),
  })

/** What is measured, and on how much. */
export const evaluation = (defaults: { readonly scenes: number; readonly finalScenes: number }) =>
  group({
    /** Held-out images of an evaluation during training, and of the last one. */
    scenes: optional(whole(1, 100_000), defaults.scenes),
    finalScenes: optional(whole(1, 100_000), defaults.finalScenes),
    /** Refinements whose residuals are shown, and powers of the Jacobian for its spectral radius. */
    iterations: optional(whole(1, 1000), 32),
    powers: optional(whole(2, 1000), 32),
  })
