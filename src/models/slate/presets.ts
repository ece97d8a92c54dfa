/** SLATEs of three sizes, and the variants of its gradient. */
import { TraceError } from "../../core/index.js"
import type { Solver } from "../../implicit/index.js"
import { adjointOf, type InitialSlots, slotAttention, slotSolver, type VariantName } from "../slot-attention/index.js"
import type { SlateSpec } from "./slate.js"
import { wordDecoder } from "./word-decoder.js"

/** Sizes of a SLATE. */
export interface SlateSizes {
  /** Pixels along a side. */
  readonly side: number
  readonly vocabulary: number
  /** Features of a word. */
  readonly features: number
  readonly blocks: number
  readonly heads: number
  readonly slots: number
  /** Features of a slot. */
  readonly width: number
  readonly iterations: number
}

/**
 * `small` trains on a laptop; `shapes3d` has the defaults of the published code; `paper` is what "Object Representations as Fixed Points"
 * trained, that code's settings for ShapeStacks on images of 96 pixels.
 */
export const slateSizes = {
  small: { side: 32, vocabulary: 128, features: 64, blocks: 2, heads: 4, slots: 4, width: 64, iterations: 7 },
  shapes3d: { side: 64, vocabulary: 1024, features: 192, blocks: 4, heads: 4, slots: 3, width: 192, iterations: 3 },
  paper: { side: 96, vocabulary: 4096, features: 192, blocks: 8, heads: 8, slots: 12, width: 192, iterations: 7 },
} as const satisfies Record<string, SlateSizes>

/** The name of a size. */
export type SlateSize = keyof typeof slateSizes

/** What a SLATE of a size may have otherwise. */
export interface SlateOptions extends Partial<SlateSizes> {
  /** How the gradient passes the refinements. Default oneStep, the paper's. */
  readonly variant?: VariantName
  /** A solver in the place of repeated refinement with the variant's adjoint: any forward solver, any adjoint. */
  readonly solver?: Solver
  /** Where initial slots come from. Default random. */
  readonly initial?: InitialSlots
  /** Whether the gradient reaches the initial slots straight through. Default false. */
  readonly bilevel?: boolean
  /** Heads of slot attention. Default 1. */
  readonly slotHeads?: number
  /** Default 0.1. */
  readonly dropout?: number
  /** Whether words for the discrete VAE are drawn one-hot, with the gradient of soft ones. Default false. */
  readonly hard?: boolean
  /** Whether the decoder's first block starts from its normalised input, as in the published code. Default true. */
  readonly normalisedStart?: boolean
}

/**
 * The description of a SLATE: variants differ by one value of it, the adjoint of the solver.
 *
 * @throws TraceError for a size that there is not.
 *
 * @example
 * slateSpec("small", { variant: "exact" }).attention.solver.adjoint._tag // "exact"
 * slateSpec("small", { solver: perRow(broyden({ adjoint: oneStep, maxEvaluations: 7, onFailure: "useBest" })) })
 */
export const slateSpec = (size: SlateSize, options: SlateOptions = {}): SlateSpec => {
  const { variant = "oneStep", solver, initial = "random", bilevel = false, slotHeads = 1, dropout = 0.1, ...others } = options
  const { hard = false, normalisedStart = true, ...changed } = others
  if (!Object.hasOwn(slateSizes, size))
    throw new TraceError(`slateSpec: there is no size ${JSON.stringify(size)}; there are ${Object.keys(slateSizes).join(", ")}`)
  const { side, vocabulary, features, blocks, heads, slots, width, iterations } = { ...slateSizes[size], ...changed }
  return {
    _tag: "slate",
    height: side,
    width: side,
    channels: 3,
    dvaeFeatures: 64,
    hard,
    dropout,
    attention: slotAttention({
      inputs: features,
      slots,
      width,
      hidden: width,
      heads: slotHeads,
      initial,
      bilevel,
      solver: solver ?? slotSolver(iterations, adjointOf(variant, iterations)),
    }).spec,
    decoder: wordDecoder({ vocabulary, features, blocks, heads, dropout, normalisedStart }).spec,
  }
}
