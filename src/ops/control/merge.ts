/** Tuples of several emissions as one list, and back. */
import type { AnyTensor, Emission } from "../../core/index.js"
import { parts } from "./lists.js"

/**
 * A flat list cut into one tuple an emission.
 *
 * @example
 * tuples(emissions, values) // one list of values an emission
 */
export const tuples = (emissions: readonly Emission[], flat: readonly AnyTensor[]): readonly (readonly AnyTensor[])[] =>
  parts(flat, ...emissions.map((e) => e.types.length)).slice(0, emissions.length)

/**
 * Merges two flat lists, emission by emission.
 *
 * @example
 * mergeAll(emissions, before, now) // an emission's values of two runs, merged
 */
export const mergeAll = (emissions: readonly Emission[], a: readonly AnyTensor[], b: readonly AnyTensor[]): readonly AnyTensor[] => {
  const [x, y] = [tuples(emissions, a), tuples(emissions, b)]
  return emissions.flatMap((e, i) => e.merge(x[i] as readonly AnyTensor[], y[i] as readonly AnyTensor[]))
}
