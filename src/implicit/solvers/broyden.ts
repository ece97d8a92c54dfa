/**
 * Broyden's good method in inverse form with limited memory. H approximates the inverse Jacobian of g = f(z) - z and starts at
 * -I; with dz = s d, dg = g_new - g,
 *
 *     H <- H + (dz - H dg)(dz' H) / (dz' H dg),   H = -I + sum u_i v_i'.
 *
 * The oldest pair is dropped before the new one is made (else the secant equation fails once the memory is full), and a pair
 * with a vanishing denominator is skipped. The line search backtracks on |g|^2 (Armijo, c = 1e-4, quadratic interpolation
 * within [0.1, 0.5]); each trial is a turn of the loop. When it fails, the last trial is taken and all pairs but its own are
 * forgotten: the direction was uphill, and only the trial knows it.
 */
import { broadcastAlong, epsilon } from "../../core/index.js"
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
import type { Algorithm, Scalar, Vector } from "./algorithm.js"
import { combine, emptyRows, project, pushRow } from "./basis.js"

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
const onShape = (p: ReturnType<typeof less>, like: Vector) => broadcastAlong(p, like.shape, []) as typeof p
const choose = <T extends Vector>(p: ReturnType<typeof less>, a: T, b: T): T => where(onShape(p, a), a as Vector, b as Vector) as T

/** H x and H' x. */
const applied = (U: Vector, V: Vector, x: Vector): Vector => sub(combine(U, project(V, x)), x) as Vector
const transposed = (U: Vector, V: Vector, x: Vector): Vector => sub(combine(V, project(U, x)), x) as Vector

const MAX_TRIES = 6
const SLOPE = 1e-4

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

/** At z, with the pairs at hand. */
const begin = (z: Vector, { U, V }: { readonly U: Vector; readonly V: Vector }) => {
  const none = zerosLike(z)
  return { state: { U, V, z, g: none, d: none, s: number(1), tries: number(0), begun: number(0) }, ask: { at: z } }
}

export const broydenAlgorithm = (memory: number, lineSearch: boolean): Algorithm<Memory> => ({
  needs: [],
  recovers: lineSearch,
  patience: () => 64,
  init: (z) => {
    const rows = emptyRows(memory, z.shape[0] as number)
    return begin(z, { U: rows, V: rows })
  },
  memory: {
    keep: ({ U, V }) => ({ U, V }),
    resume: (kept: Pick<Memory, "U" | "V">, z) => begin(z, kept),
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
    const { U, V } = updated(known.U, known.V, sub(at, m.z) as Vector, sub(g, m.g) as Vector)
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
