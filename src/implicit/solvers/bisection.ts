/**
 * Bisection for a state of one number: g = f(z) - z changes its sign between `low` and `high`, and the half in which it does is kept.
 * One turn evaluates f once: at the start (which may be the solution), at both ends, then in the middle of what is left.
 *
 * Without a change of sign between the ends the solve is a Breakdown, unless the bracket may expand: then it is made twice as wide
 * about its middle, at most 50 times. A bracket that can't be halved any more, although the residual in it is large, holds a jump or a
 * pole, or more slope than the precision resolves: Stalled. An end at which g is infinite has a sign; a NaN has none.
 */
import { add, and, equal, indexAxis, less, lessEqual, mul, not, notEqual, or, reshape, sub, where } from "../../ops/index.js"
import type { Algorithm, Scalar, Vector } from "./algorithm.js"
import { flag, number, verdictOf } from "./parts.js"

interface State extends Record<string, Scalar> {
  readonly low: Scalar
  readonly high: Scalar
  /** 1 where g is negative at the low end. */
  readonly negative: Scalar
  /** What was evaluated: 0 the start, 1 the low end, 2 the high end, 3 the middle. */
  readonly phase: Scalar
  readonly widened: Scalar
}

const MOST_WIDENED = 50

const point = (x: Scalar): Vector => reshape(x, [1]) as Vector
const middle = (low: Scalar, high: Scalar): Scalar => add(mul(low, 0.5), mul(high, 0.5)) as Scalar

export const bisectionAlgorithm = (low: number, high: number, expand: boolean): Algorithm<State> => ({
  needs: [],
  recovers: false,
  patience: () => 0,
  init: (z) => ({
    state: { low: number(low), high: number(high), negative: number(0), phase: number(0), widened: number(0) },
    ask: { at: z },
  }),
  step: (s, { at, f }) => {
    const g = indexAxis(sub(f, at), 0, 0) as Scalar
    const z = indexAxis(at, 0, 0) as Scalar
    const is = (phase: number) => equal(s.phase, phase)
    const below = less(g, 0)
    const alike = equal(flag(below), s.negative)
    const missing = and(is(2), alike)
    const widens = expand ? and(missing, less(s.widened, MOST_WIDENED)) : less(s.widened, 0)
    const half = mul(sub(s.high, s.low), 0.5)
    const next = {
      low: where(widens, sub(s.low, half), where(and(is(3), alike), z, s.low)) as Scalar,
      high: where(widens, add(s.high, half), where(and(is(3), not(alike)), z, s.high)) as Scalar,
    }
    const mid = middle(next.low, next.high)
    const halved = or(is(2), is(3))
    const toLow = or(is(0), widens)
    return {
      state: {
        ...next,
        negative: where(is(1), flag(below), s.negative) as Scalar,
        phase: where(toLow, number(1), where(is(1), number(2), number(3))) as Scalar,
        widened: add(s.widened, flag(widens)) as Scalar,
      },
      ask: { at: point(where(toLow, next.low, where(is(1), next.high, mid)) as Scalar) },
      verdict: verdictOf(
        [and(not(is(0)), notEqual(g, g)), "NonFinite"],
        [and(missing, not(widens)), "Breakdown"],
        [and(halved, or(lessEqual(mid, next.low), lessEqual(next.high, mid))), "Stalled"],
      ),
      // residuals say nothing of how it goes: the bracket halves whatever they do
      anew: number(1),
    }
  },
})
