/**
 * Newton steps after a method has converged. The Jacobian at a point is known only after it was asked for, so the first step asks at
 * the solution once more. A step that is not finite, or a singular Jacobian, ends the polishing: what the method found stands.
 */
import {
  add,
  all,
  and,
  cond,
  expandAxis,
  eye,
  finite,
  full,
  indexAxis,
  less,
  lessEqual,
  norm,
  not,
  or,
  sub,
  where,
} from "../../ops/index.js"
import { codeOf } from "../status.js"
import type { Algorithm, Beginning, Scalar, State, Vector } from "./algorithm.js"
import { solveDense } from "./lu.js"
import { withMemory } from "./memory.js"
import { choose } from "./parts.js"
import { union, widen } from "./widen.js"

interface Polishing {
  readonly [name: string]: State | Scalar
  readonly of: State
  /** 0 before the method converged, then 1 more than the Newton steps that were taken. */
  readonly stage: Scalar
}

const number = (x: number) => full([], x) as Scalar

export const polishAlgorithm = (of: Algorithm, steps: number): Algorithm<Polishing> => {
  const needs = union(of.needs, ["jacobian"])
  const begin = ({ state, ask }: Beginning): Beginning<Polishing> => ({
    state: { of: state, stage: number(0) },
    ask: widen(needs, of.needs, ask),
  })
  return {
    needs,
    recovers: of.recovers,
    patience: of.patience,
    init: (z) => begin(of.init(z)),
    ...withMemory(of, ({ of: state }: Polishing) => state, begin),
    step: (s, answer) => {
      const { at, f, probe, tolerance } = answer
      const jacobian = answer.jacobian as Vector
      const seeking = less(s.stage, 0.5)
      const tested = probe === undefined ? less(number(0), 1) : less(probe, 0.5)
      const size = norm(sub(f, at))
      const found = and(seeking, and(tested, and(finite(size), lessEqual(size, tolerance))))
      const own = of.step(s.of, answer)
      const { polished, singular } = cond(
        seeking,
        () => ({ polished: at, singular: less(number(1), 0) }),
        () => {
          const solved = solveDense(sub(eye(at.shape[0] as number), jacobian) as Vector, expandAxis(sub(f, at), 1) as Vector)
          return { polished: add(at, indexAxis(solved.x, 1, 0)) as Vector, singular: solved.singular }
        },
      )
      const usable = and(not(singular), all(finite(polished)))
      const more = and(less(s.stage, steps + 0.5), usable)
      const ends = and(not(seeking), not(more))
      const further = and(not(seeking), more)
      const stage = where(found, 1, where(further, add(s.stage, 1), s.stage))
      const wantsJacobian = or(found, and(further, less(stage, steps + 0.5)))
      const next = choose(found, at, polished)
      const fine = widen(needs, [], { at: next, wants: { jacobian: where(wantsJacobian, number(1), 0) } })
      const polishes = or(found, not(seeking))
      return {
        state: { of: choose(polishes, s.of, own.state), stage },
        ask: choose(polishes, fine, widen(needs, of.needs, own.ask)),
        verdict: where(ends, codeOf("Converged"), where(polishes, 0, own.verdict ?? number(0))),
        anew: where(polishes, 1, own.anew ?? number(0)),
        refines: where(or(found, further), 1, own.refines ?? number(0)),
      }
    },
  }
}
