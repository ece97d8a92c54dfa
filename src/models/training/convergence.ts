/** How the refinement behaves as a fixed-point iteration on held-out scenes. */
import * as E from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import { type OnDevice, type RunError, type Session, type Tensor, tensor, toArray } from "../../core/index.js"
import type { Key } from "../../ops/index.js"
import { radii, residuals, type SlotAutoencoder, type SlotAutoencoderParams } from "../slot-attention/index.js"
import type { Images } from "./evaluation.js"
import { centred } from "./objective.js"
import { keyOf } from "./random.js"

/** Quantiles over scenes, an entry an iteration. */
export interface Quantiles {
  readonly low: readonly number[]
  readonly middle: readonly number[]
  readonly high: readonly number[]
}

/** How the refinement of a model converges on scenes. */
export interface Convergence {
  /** |f(z) - z| / |f(z)| after 0, 1, ... refinements: the smallest tenth, the median, the largest tenth of the scenes. */
  readonly residuals: Quantiles
  /** Spectral radius of the refinement's Jacobian where the model stops: mean and largest over scenes. */
  readonly radius: number
  readonly largestRadius: number
}

/** Measures how the refinement of a model converges; the parameters are on the device. */
export type Converge = (params: OnDevice<SlotAutoencoderParams>) => TaskEither<RunError, Convergence>

const quantile = (sorted: Float64Array, q: number): number => sorted[Math.round(q * (sorted.length - 1))] as number

const quantiles = (values: Float64Array, iterations: number): Quantiles => {
  const count = values.length / iterations
  const sorted = Array.from({ length: iterations }, (_, i) => values.slice(i * count, (i + 1) * count).sort())
  const at = (q: number) => sorted.map((row) => quantile(row, q))
  return { low: at(0.1), middle: at(0.5), high: at(0.9) }
}

export interface ConvergenceOptions {
  readonly seed: number
  /** Refinements whose residuals are measured. */
  readonly iterations: number
  /** Refinements after which the model itself stops. */
  readonly stop: number
  /** Powers of the Jacobian for its spectral radius. */
  readonly powers: number
}

/**
 * Diagnostics of a model on the scenes given (few: each is a solve of its own), compiled once.
 *
 * @example
 * const options = { seed: 0, iterations: 32, stop: 3, powers: 32 }
 * const measure = convergence(session, model, heldOutScenes(2, 16), options)
 * const measured = await measure(paramsOnDevice)()
 */
export const convergence = (session: Session, model: SlotAutoencoder, scenes: Images, options: ConvergenceOptions): Converge => {
  const { seed, iterations, stop, powers } = options
  const program = session.compile((params: SlotAutoencoderParams, images: Tensor, key: Key) => {
    const context = { key, mode: "eval" } as const
    const seen = centred(images)
    return {
      residuals: residuals(model.spec, params, seen, iterations, context),
      radii: radii(model.spec, params, seen, { iterations: stop, powers }, context),
    }
  })
  const images = tensor(scenes.images, [scenes.count, scenes.size, scenes.size, 3])
  return (params) => async () => {
    // a generic tree of parameters: the types of a program ask for a known one
    const made = await program(params as never, images, keyOf(seed, "evaluation"))()
    if (E.isLeft(made)) return made
    const all = toArray(made.right.radii)
    return E.right({
      residuals: quantiles(toArray(made.right.residuals), iterations),
      radius: all.reduce((a, b) => a + b, 0) / all.length,
      largestRadius: Math.max(...all),
    })
  }
}
