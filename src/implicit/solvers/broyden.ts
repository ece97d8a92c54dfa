/**
 * Broyden's methods in inverse form with limited memory. H approximates the inverse Jacobian of g = f(z) - z and starts at -I; with
 * dz = s d, dg = g_new - g, the least change of H^-1 (good) or of H (bad) that makes H dg = dz is
 *
 *     good:  H <- H + (dz - H dg) v' / (v' dg),  v = H' dz
 *     bad:   the same with v = dg;                H = -I + sum u_i v_i'.
 *
 * The pairs are kept by secant-memory.ts. When the line search fails, the last trial is taken and all pairs but its own are
 * forgotten: the direction was uphill, and only the trial knows it.
 */
import { add, less, lessEqual, mul, neg, sub, zerosLike } from "../../ops/index.js"
import type { BroydenUpdate } from "../spec/index.js"
import type { Algorithm, Scalar, Vector } from "./algorithm.js"
import { transient } from "./course.js"
import { judge, nextTrial } from "./line-search.js"
import { choose, number, type Truth } from "./parts.js"
import { noPairs, type Pairs, withSecant } from "./secant-memory.js"

interface Memory extends Record<string, Vector | Pairs> {
  readonly pairs: Pairs
  readonly z: Vector
  readonly g: Vector
  readonly d: Vector
  readonly s: Scalar
  readonly tries: Scalar
  readonly begun: Scalar
}

const MAX_TRIES = 6

/** At z, with the pairs at hand. */
const begin = (z: Vector, pairs: Pairs) => {
  const none = zerosLike(z)
  return { state: { pairs, z, g: none, d: none, s: number(1), tries: number(0), begun: number(0) }, ask: { at: z } }
}

export const broydenAlgorithm = (memory: number, lineSearch: boolean, update: BroydenUpdate): Algorithm<Memory> => ({
  needs: [],
  recovers: lineSearch,
  patience: transient,
  init: (z) => {
    return begin(z, noPairs(memory, z.shape[0] as number))
  },
  memory: {
    keep: ({ pairs }) => pairs,
    resume: (pairs: Pairs, z) => begin(z, pairs),
  },
  step: (m, { at, f }) => {
    const g = sub(f, at) as Vector
    const judged = judge(m, g, MAX_TRIES)
    const accepted = lineSearch ? judged.accepted : lessEqual(0, m.s)
    const failed = lineSearch ? judged.failed : less(m.s, 0)
    // an accepted point: new pair, new direction
    const moved = { dz: sub(at, m.z) as Vector, dg: sub(g, m.g) as Vector, g }
    const { pairs, Hg } = withSecant(m.pairs, moved, update, accepted as Truth, failed as Truth)
    const d = neg(Hg) as Vector
    return {
      state: {
        pairs,
        z: choose(accepted, at, m.z),
        g: choose(accepted, g, m.g),
        d: choose(accepted, d, m.d),
        ...nextTrial(m, { ...judged, accepted }),
      },
      ask: { at: choose(accepted, add(at, d) as Vector, add(m.z, mul(m.d, judged.shorter)) as Vector) },
    }
  },
})
