/**
 * Broyden's good method in inverse form with limited memory. H approximates the inverse Jacobian of g = f(z) - z and starts at
 * -I; with dz = s d, dg = g_new - g,
 *
 *     H <- H + (dz - H dg)(dz' H) / (dz' H dg),   H = -I + sum u_i v_i'.
 *
 * The pairs are kept by secant-memory.ts. The line search backtracks on |g|^2 (Armijo, c = 1e-4, quadratic interpolation
 * within [0.1, 0.5]); each trial is a turn of the loop. When it fails, the last trial is taken and all pairs but its own are
 * forgotten: the direction was uphill, and only the trial knows it.
 */
import { broadcastAlong, type Tensor } from "../../core/index.js"
import { add, and, div, dot, finite, full, less, lessEqual, mul, neg, not, or, square, sub, where, zerosLike } from "../../ops/index.js"
import type { Algorithm, Scalar, Vector } from "./algorithm.js"
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

type Truth = Tensor<[], "bool">

const number = (x: number) => full([], x) as Scalar
const onShape = (p: ReturnType<typeof less>, like: Vector) => broadcastAlong(p, like.shape, []) as typeof p
const choose = <T extends Vector>(p: ReturnType<typeof less>, a: T, b: T): T => where(onShape(p, a), a as Vector, b as Vector) as T

const MAX_TRIES = 6
const SLOPE = 1e-4

export const broydenAlgorithm = (memory: number, lineSearch: boolean): Algorithm<Memory> => ({
  needs: [],
  recovers: lineSearch,
  patience: () => 64,
  init: (z) => {
    const none = zerosLike(z)
    return {
      state: { pairs: noPairs(memory, z.shape[0] as number), z, g: none, d: none, s: number(1), tries: number(0), begun: number(0) },
      ask: { at: z },
    }
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
    const moved = { dz: sub(at, m.z) as Vector, dg: sub(g, m.g) as Vector, g }
    const { pairs, Hg } = withSecant(m.pairs, moved, accepted as Truth, failed as Truth)
    const d = neg(Hg) as Vector
    // a refused one: a shorter step along the same direction, where the parabola through both has its least
    const bowl = add(sub(phi, phi0), mul(m.s, mul(phi0, 2)))
    const least = div(mul(square(m.s), phi0), where(less(0, bowl), bowl, number(1)))
    const [low, high] = [mul(m.s, 0.1), mul(m.s, 0.5)]
    const inside = where(less(least, low), low, where(less(high, least), high, least))
    const shorter = where(and(finite(phi), less(0, bowl)), inside, high) as Scalar
    return {
      state: {
        pairs,
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
