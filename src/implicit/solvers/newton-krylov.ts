/**
 * Newton-Krylov: steps (I - J) d = g solved by GMRES on exact products with J, each product one turn of the loop, as exactly as
 * the forcing term says. Choice 2 of Eisenstat and Walker (1996):
 *
 *     eta_0 = 0.5,  eta_k = 0.9 (|g_k| / |g_(k-1)|)^2,  at least 0.9 eta_(k-1)^2 where that is above 0.1,  at most 0.9,
 *
 * and never more exactly than half the tolerance. For a linear system that floor alone is the forcing term: GMRES.
 */
import { broadcastAlong } from "../../core/index.js"
import { add, and, div, full, less, lessEqual, mul, norm, not, or, square, sub, where, zerosLike } from "../../ops/index.js"
import type { Algorithm, Scalar, Vector } from "./algorithm.js"
import { advanceCycle, beginCycle, type Cycle } from "./gmres.js"

interface State extends Record<string, Vector | Cycle> {
  readonly cycle: Cycle
  readonly inside: Scalar
  readonly eta: Scalar
  /** |g| at the last point, 0 before the first. */
  readonly size: Scalar
  /** The tolerance at the last point: in a probe f is not known, so none is told. */
  readonly tolerance: Scalar
}

const number = (x: number) => full([], x) as Scalar
const larger = (a: Scalar, b: Scalar): Scalar => where(less(a, b), b, a)
const smaller = (a: Scalar, b: Scalar): Scalar => where(less(b, a), b, a)

/** The forcing term at a point with residual `size`, after one with residual `before`. */
export const forcing = (eta: Scalar, before: Scalar, size: Scalar): Scalar => {
  const ratio = div(size, where(less(0, before), before, number(1)))
  const choice = mul(square(ratio), 0.9)
  const floor = mul(square(eta), 0.9)
  const guarded = where(less(0.1, floor), larger(choice, floor), choice)
  return where(less(0, before), smaller(guarded, number(0.9)), number(0.5))
}

/** `linear`: the map is affine, so one step solved to the tolerance is the solution. */
export const krylovAlgorithm = (memory: number, linear: boolean): Algorithm<State> => ({
  needs: ["direction"],
  recovers: false,
  patience: (n) => 2 * Math.min(memory, n) + 32,
  init: (x) => {
    const none = zerosLike(x)
    const cycle = beginCycle(none, Math.min(memory, x.shape[0] as number))
    return {
      state: { cycle, inside: number(0), eta: number(0.5), size: number(0), tolerance: number(0) },
      ask: { at: x, along: none, probe: number(0) },
    }
  },
  step: (s, { at, f, along, alongJ, tolerance: told }) => {
    const m = Math.min(memory, at.shape[0] as number)
    const inside = less(0.5, s.inside)
    const advanced = advanceCycle(s.cycle, sub(along as Vector, alongJ as Vector) as Vector)
    const g = sub(f, at) as Vector
    const begun = beginCycle(g, m)
    const cycle = Object.fromEntries(
      Object.keys(begun).map((k) => [k, where(onShape(inside, begun[k] as Vector), advanced[k] as Vector, begun[k] as Vector)]),
    ) as Cycle
    const size = where(inside, s.size, norm(g))
    const eta = where(inside, s.eta, forcing(s.eta, s.size, norm(g)))
    const tolerance = where(inside, s.tolerance, told)
    const floor = mul(tolerance, 0.5)
    const target = linear ? floor : larger(mul(eta, size), floor)
    const enough = or(lessEqual(norm(cycle.r), target), or(not(less(cycle.steps, m)), less(0.5, cycle.spent)))
    const ends = and(inside, enough)
    return {
      state: { cycle, inside: where(ends, number(0), number(1)), eta, size, tolerance },
      ask: {
        at: where(onShape(ends, at), add(at, cycle.x) as Vector, at),
        along: where(onShape(ends, cycle.p), zerosLike(cycle.p), cycle.p),
        probe: where(ends, number(0), number(1)),
      },
    }
  },
})

const onShape = (p: ReturnType<typeof less>, like: Vector) => broadcastAlong(p, like.shape, []) as typeof p
