/** How the refinement behaves as a fixed-point iteration on held-out scenes. */
import * as E from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import { type OnDevice, type RunError, type Session, type Tensor, tensor, toArray } from "../../core/index.js"
import type { Key } from "../../ops/index.js"
import { jacobians, residuals } from "../slot-attention/index.js"
import type { Images } from "./images.js"
import { mean } from "./mean.js"
import { keyOf } from "./random.js"
import type { Sight } from "./sight.js"

/** Quantiles over scenes, an entry an iteration. */
export interface Quantiles {
  readonly low: readonly number[]
  readonly middle: readonly number[]
  readonly high: readonly number[]
}

/** How the refinement of one image converges. */
export interface Course {
  /** |f(z) - z| / |f(z)| after 0, 1, ... refinements. */
  readonly residuals: readonly number[]
  /** Of the refinement's Jacobian where the model stops: its spectral radius and its largest singular value. */
  readonly radius: number
  readonly norm: number
}

/** How the refinement of a model converges on scenes. */
export interface Convergence {
  /** |f(z) - z| / |f(z)| after 0, 1, ... refinements: the smallest tenth, the median, the largest tenth of the scenes. */
  readonly residuals: Quantiles
  /** Spectral radius of the refinement's Jacobian where the model stops: mean and largest over scenes. */
  readonly radius: number
  readonly largestRadius: number
  /** Norm of that Jacobian (its largest singular value), mean over scenes. */
  readonly norm: number
  /** Scene by scene. */
  readonly each: readonly Course[]
}

/** Measures how the refinement of a model converges; the parameters are on the device. */
export type Converge<P> = (params: OnDevice<P>) => TaskEither<RunError, Convergence>

const quantile = (sorted: readonly number[], q: number): number => sorted[Math.round(q * (sorted.length - 1))] as number

const quantiles = (courses: readonly Course[], iterations: number): Quantiles => {
  const sorted = Array.from({ length: iterations }, (_, i) => courses.map((c) => c.residuals[i] as number).sort((a, b) => a - b))
  const at = (q: number) => sorted.map((row) => quantile(row, q))
  return { low: at(0.1), middle: at(0.5), high: at(0.9) }
}

export interface ConvergenceOptions {
  readonly seed: number
  /** Refinements whose residuals are measured. */
  readonly iterations: number
  /** Powers of the Jacobian for its spectral radius and its norm. */
  readonly powers: number
}

/**
 * Diagnostics of a model on the scenes given (few: each is a solve of its own), compiled once.
 *
 * @example
 * const options = { seed: 0, iterations: 32, powers: 32 }
 * const measure = convergence(session, autoencoderSight(modelSpec(defaultConfig), 3), batch({ blockSize: 5 }, 0, 0, 16), options)
 * const measured = await measure(paramsOnDevice)()
 */
export const convergence = <P>(session: Session, sight: Sight<P>, scenes: Images, options: ConvergenceOptions): Converge<P> => {
  const { seed, iterations, powers } = options
  const program = session.compile((params: P, images: Tensor, key: Key) => {
    const context = { key, mode: "eval" } as const
    const map = sight.slotMap(params, images, context)
    return {
      residuals: residuals(map.refinement, iterations),
      ...jacobians(map.spec, map.params, map.refinement, { iterations: sight.iterations, powers }, context),
    }
  })
  const images = tensor(scenes.images, [scenes.count, scenes.size, scenes.size, 3])
  return (params) => async () => {
    // a generic tree of parameters: the types of a program ask for a known one
    const made = await program(params as never, images, keyOf(seed, "evaluation"))()
    if (E.isLeft(made)) return made
    const [all, radii, norms] = [toArray(made.right.residuals), toArray(made.right.radii), toArray(made.right.norms)]
    const each = Array.from(
      radii,
      (radius, scene): Course => ({
        residuals: Array.from({ length: iterations }, (_, i) => all[i * scenes.count + scene] as number),
        radius,
        norm: norms[scene] as number,
      }),
    )
    return E.right({
      residuals: quantiles(each, iterations),
      radius: mean(each.map((c) => c.radius)),
      largestRadius: Math.max(...radii),
      norm: mean(each.map((c) => c.norm)),
      each,
    })
  }
}
