/** Where a run's randomness comes from: keys that follow from the seed and the step, so that a run can go on from any step. */
import * as E from "fp-ts/lib/Either.js"
import { evaluate, TraceError } from "../../core/index.js"
import { foldIn, type Key, key } from "../../ops/index.js"

/** Uses of a seed; no two share keys. */
const streams = { parameters: 0, steps: 1, evaluation: 2 } as const

/**
 * The key of use `stream` at place `index` of a run with this seed, as a value.
 *
 * @example
 * const noise = normal(keyOf(0, "steps", 12), [32, 1])
 */
export const keyOf = (seed: number, stream: keyof typeof streams, index = 0): Key => {
  const made = evaluate(foldIn(foldIn(key(seed), streams[stream]), index))
  if (E.isLeft(made)) throw new TraceError(`keyOf: ${made.left.message}`)
  return made.right
}
