/**
 * Broyden's good method in inverse form with limited memory. H approximates the inverse Jacobian of g = f(z) - z and starts at
 * -I; with dz = s d, dg = g_new - g,
 *
 *     H <- H + (dz - H dg)(dz' H) / (dz' H dg),   H = -I + sum u_i v_i'.
 *
 * The oldest pair is dropped before the new one is made (else the secant equation fails once the memory is full), and a pair
 * with a vanishing denominator is skipped. When the line search fails, the last trial is taken and all pairs but its own are
 * forgotten: the direction was uphill, and only the trial knows it.
 */
import { epsilon } from "../../core/index.js"
import { abs, add, div, dot, less, lessEqual, mul, neg, norm, sqrt, sub, where, zerosLike } from "../../ops/index.js"
import type { Algorithm, Scalar, Vector } from "./algorithm.js"
import { combine, emptyRows, project, pushRow } from "./basis.js"
import { judge, nextTrial } from "./line-search.js"
import { choose, number } from "./parts.js"

interface Memory extends Record<string, Vector> {
  readonly U: Vector
  readonly V: Vector
  readonly z: Vector
  readonly g: Vector
  readonly d: Vector
  readonly s: Scalar
  readonly tries: Scalar
  readonly begun: Scalar
}

/** H x and H' x. */
const applied = (U: Vector, V: Vector, x: Vector): Vector => sub(combine(U, project(V, x)), x) as Vector
const transposed = (U: Vector, V: Vector, x: Vector): Vector => sub(combine(V, project(U, x)), x) as Vector

const MAX_TRIES = 6

/** The memory with the secant pair of (dz, dg), where the pair says something. */
const updated = (U: Vector, V: Vector, dz: Vector, dg: Vector) => {
  const none = zerosLike(dz)
  const [U0, V0] = [pushRow(U, none), pushRow(V, none)] // the oldest goes first
  const v = transposed(U0, V0, dz)
  const den = dot(v, dg) as Scalar
  const usable = less(mul(sqrt(epsilon()), mul(norm(v), norm(dg))), abs(den))
  const u = div(sub(dz, applied(U0, V0, dg)), where(usable, den, number(1))) as Vector
  const pushed = { U: pushRow(U, choose(usable, u, none)), V: pushRow(V, choose(usable, v, none)) }
  return { U: choose(usable, pushed.U, U), V: choose(usable, pushed.V, V) }
}

export const broydenAlgorithm = (memory: number, lineSearch: boolean): Algorithm<Memory> => ({
  needs: [],
  recovers: lineSearch,
  patience: () => 64,
  init: (z) => {
    const rows = emptyRows(memory, z.shape[0] as number)
    const none = zerosLike(z)
    return { state: { U: rows, V: rows, z, g: none, d: none, s: number(1), tries: number(0), begun: number(0) }, ask: { at: z } }
  },
  step: (m, { at, f }) => {
    const g = sub(f, at) as Vector
    const judged = judge(m, g, MAX_TRIES)
    const accepted = lineSearch ? judged.accepted : lessEqual(0, m.s)
    const failed = lineSearch ? judged.failed : less(m.s, 0)
    // an accepted point: new pair, new direction
    const known = { U: choose(failed, zerosLike(m.U), m.U), V: choose(failed, zerosLike(m.V), m.V) }
    const { U, V } = updated(known.U, known.V, sub(at, m.z) as Vector, sub(g, m.g) as Vector)
    const d = neg(applied(U, V, g)) as Vector
    return {
      state: {
        U: choose(accepted, U, m.U),
        V: choose(accepted, V, m.V),
        z: choose(accepted, at, m.z),
        g: choose(accepted, g, m.g),
        d: choose(accepted, d, m.d),
        ...nextTrial(m, { ...judged, accepted }),
      },
      ask: { at: choose(accepted, add(at, d) as Vector, add(m.z, mul(m.d, judged.shorter)) as Vector) },
    }
  },
})
