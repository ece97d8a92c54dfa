/**
 * Broyden's methods in inverse form with limited memory. H approximates the inverse Jacobian of g = f(z) - z and starts at -I; with
 * dz = s d, dg = g_new - g, the least change of H^-1 (good) or of H (bad) that makes H dg = dz is
 *
 *     good:  H <- H + (dz - H dg) v' / (v' dg),  v = H' dz
 *     bad:   the same with v = dg;                H = -I + sum u_i v_i'.
 *
 * The oldest pair is dropped before the new one is made (else the secant equation fails once the memory is full), and a pair
 * with a vanishing denominator is skipped. The line search backtracks on |g|^2 (Armijo, c = 1e-4, quadratic interpolation
 * within [0.1, 0.5]); each trial is a turn of the loop. When it fails, the last trial is taken and all pairs but its own are
 * forgotten: the direction was uphill, and only the trial knows it.
 */
import { epsilon } from "../../core/index.js"
import {
  abs,
  add,
  and,
  div,
  dot,
  finite,
  full,
  less,
  lessEqual,
  mul,
  neg,
  norm,
  not,
  or,
  sqrt,
  square,
  sub,
  where,
  zerosLike,
} from "../../ops/index.js"
import type { BroydenUpdate } from "../spec/index.js"
import type { Algorithm, Scalar, Vector } from "./algorithm.js"
import { combine, emptyRows, project, pushRow } from "./basis.js"
import { choose } from "./choose.js"

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

const number = (x: number) => full([], x) as Scalar

/** H x and H' x. */
const applied = (U: Vector, V: Vector, x: Vector): Vector => sub(combine(U, project(V, x)), x) as Vector
const transposed = (U: Vector, V: Vector, x: Vector): Vector => sub(combine(V, project(U, x)), x) as Vector

const MAX_TRIES = 6
const SLOPE = 1e-4

/** The memory with the secant pair of (dz, dg), where the pair says something. */
const updated = (U: Vector, V: Vector, dz: Vector, dg: Vector, update: BroydenUpdate) => {
  const none = zerosLike(dz)
  const [U0, V0] = [pushRow(U, none), pushRow(V, none)] // the oldest goes first
  // at the first point there is no step yet, and dg is not a difference
  const v = update === "good" ? transposed(U0, V0, dz) : choose(less(0, norm(dz)), dg, none)
  const den = dot(v, dg) as Scalar
  const usable = less(mul(sqrt(epsilon()), mul(norm(v), norm(dg))), abs(den))
  const u = div(sub(dz, applied(U0, V0, dg)), where(usable, den, number(1))) as Vector
  const pushed = { U: pushRow(U, choose(usable, u, none)), V: pushRow(V, choose(usable, v, none)) }
  return { U: choose(usable, pushed.U, U), V: choose(usable, pushed.V, V) }
}

export const broydenAlgorithm = (memory: number, lineSearch: boolean, update: BroydenUpdate): Algorithm<Memory> => ({
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
    const began = less(0.5, m.begun)
    const [phi0, phi] = [dot(m.g, m.g) as Scalar, dot(g, g) as Scalar]
    const descends = and(finite(phi), lessEqual(phi, mul(phi0, sub(1, mul(m.s, 2 * SLOPE)))))
    const tired = and(finite(phi), not(less(m.tries, MAX_TRIES)))
    const accepted = lineSearch ? or(not(began), or(descends, tired)) : lessEqual(0, m.s)
    const failed = lineSearch ? and(and(began, tired), not(descends)) : less(m.s, 0)
    // an accepted point: new pair, new direction
    const known = { U: choose(failed, zerosLike(m.U), m.U), V: choose(failed, zerosLike(m.V), m.V) }
    const { U, V } = updated(known.U, known.V, sub(at, m.z) as Vector, sub(g, m.g) as Vector, update)
    const d = neg(applied(U, V, g)) as Vector
    // a refused one: a shorter step along the same direction, where the parabola through both has its least
    const bowl = add(sub(phi, phi0), mul(m.s, mul(phi0, 2)))
    const least = div(mul(square(m.s), phi0), where(less(0, bowl), bowl, number(1)))
    const [low, high] = [mul(m.s, 0.1), mul(m.s, 0.5)]
    const inside = where(less(least, low), low, where(less(high, least), high, least))
    const shorter = where(and(finite(phi), less(0, bowl)), inside, high) as Scalar
    return {
      state: {
        U: choose(accepted, U, m.U),
        V: choose(accepted, V, m.V),
        z: choose(accepted, at, m.z),
        g: choose(accepted, g, m.g),
        d: choose(accepted, d, m.d),
        s: where(accepted, number(1), shorter) as Scalar,
        tries: where(accepted, number(0), add(m.tries, 1)) as Scalar,
        begun: number(1),
      },
      ask: { at: choose(accepted, add(at, d) as Vector, add(m.z, mul(m.d, shorter)) as Vector) },
    }
  },
})
