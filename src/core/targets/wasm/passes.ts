/** Divides the last axis of a domain into stretches: several vectors at a time, one vector, one element. */
import type { Arithmetic } from "./arithmetic.js"
import type { Dataflow } from "./dataflow.js"
import type { Evaluation } from "./evaluation.js"
import type { VectorMode } from "./values.js"
import { vectorise } from "./vector.js"

/** What the rows of a tile compute: the summands, where there is a reduction, and what is stored. */
export interface Roots {
  readonly bodies: readonly number[]
  /** The same where no guard needs to be tested. */
  readonly unguarded: readonly number[]
  readonly results: readonly number[]
}

export interface Pass {
  readonly evaluation: Evaluation
  readonly from: number
  readonly to: number
  readonly step: number
  /** Vectors of a step; 0 for single elements. */
  readonly copies: number
  readonly roots: Roots
}

export interface PassInput {
  readonly num: Arithmetic
  readonly flow: Dataflow
  /** The variable of the last axis, -1 where it has one turn only. */
  readonly variable: number
  readonly turns: number
  readonly roots: Roots
  /** Where the results go. */
  readonly addresses: readonly number[]
  /** Vectors of a step, where there are so many. */
  readonly copies: number
  readonly evaluation: (roots: Roots, vector: VectorMode | null) => Evaluation
}

export const planPasses = ({ num, flow, variable, turns, roots, addresses, copies, evaluation }: PassInput): readonly Pass[] => {
  const passes: Pass[] = []
  let from = 0
  const { bodies, unguarded, results } = roots
  const all = [...bodies, ...unguarded, ...results, ...addresses]
  const vector = variable >= 0 && turns >= num.width ? vectorise(flow, variable, num.bytes, all, bodies.length > 0) : null
  if (vector !== null && addresses.every((address) => vector.slope[address] === num.bytes)) {
    const image = (from: number, count: number): readonly number[] => vector.roots.slice(from, from + count)
    const vectors: Roots = {
      bodies: image(0, bodies.length),
      unguarded: image(bodies.length, unguarded.length),
      results: image(bodies.length + unguarded.length, results.length),
    }
    for (const n of new Set([copies, 1])) {
      const step = n * num.width
      const to = turns - ((turns - from) % step)
      if (to === from) continue
      const mode = { form: vector.form, slope: vector.slope, copies: n }
      passes.push({ evaluation: evaluation(vectors, mode), from, to, step, copies: n, roots: vectors })
      from = to
    }
  }
  if (from < turns) passes.push({ evaluation: evaluation(roots, null), from, to: turns, step: 1, copies: 0, roots })
  return passes
}
