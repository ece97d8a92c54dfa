/**
 * Two methods, one after the other: `orElse` hands over when the first has gone wrong, `andThen` after a number of evaluations. The
 * second begins at the best finite point, or at the start. Only the half that runs is computed.
 */
import { add, and, cond, full, greater, less, norm, not, or, sub, where } from "../../ops/index.js"
import { codeOf } from "../status.js"
import type { Algorithm, Ask, Scalar, State, Vector } from "./algorithm.js"
import { after, beginning, type Course, type Visit, wrong } from "./course.js"
import { choose } from "./parts.js"
import { union, widen } from "./widen.js"

interface Relay {
  readonly [name: string]: State | Scalar | Vector
  readonly first: State
  readonly second: State
  /** 1 once the second runs. */
  readonly taken: Scalar
  /** Turns so far; they count while the first half runs. */
  readonly turns: Scalar
  /** How the half that runs has gone. */
  readonly course: Course
  readonly best: Vector
}

export interface Handover {
  /** Whether a failure of the first hands over, or ends the solve. */
  readonly onFailure: boolean
  /** Evaluations after which it hands over, null for as many as there are. */
  readonly evaluations: number | null
}

const number = (x: number) => full([], x) as Scalar
const on = (flag: Scalar) => less(0.5, flag)

export const relayAlgorithm = (first: Algorithm, second: Algorithm, { onFailure, evaluations }: Handover): Algorithm<Relay> => {
  const needs = union(first.needs, second.needs)
  const asks = (of: Algorithm, ask: Ask) => widen(needs, of.needs, ask)
  return {
    needs,
    // each half is judged by its own patience and its own way back
    recovers: true,
    // the second begins at a point that is not better than the best: it is the same
    patience: (n) => Math.max(first.patience(n), second.patience(n)) + 1,
    init: (z) => {
      const begun = first.init(z)
      const state = {
        first: begun.state,
        second: second.init(z).state,
        taken: number(0),
        turns: number(0),
        course: beginning([]),
        best: z,
      }
      return { state, ask: asks(first, begun.ask) }
    },
    step: (s, answer) => {
      const { at, f, probe } = answer
      const visit: Visit = { residual: norm(sub(f, at)), tested: probe === undefined ? on(number(1)) : not(on(probe)) }
      const { course, better } = after(s.course, visit, false)
      const best = choose(better, at, s.best)
      const half = (of: Algorithm, state: State) => {
        const { state: next, ask, verdict, anew, refines } = of.step(state, answer)
        const patience = of.patience(at.shape[0] as number)
        const fault = wrong({ before: s.course, now: course, visit, patience, recovers: of.recovers, last: null, verdict, anew })
        return { next, told: { ask: asks(of, ask), fault, anew: anew ?? number(0), refines: refines ?? number(0) } }
      }
      const ran = cond(
        on(s.taken),
        () => {
          const { next, told } = half(second, s.second)
          return { ...told, first: s.first, second: next }
        },
        () => {
          const { next, told } = half(first, s.first)
          return { ...told, first: next, second: s.second }
        },
      )
      const turns = add(s.turns, 1)
      const failed = greater(ran.fault, codeOf("Converged"))
      const up = evaluations === null ? on(number(0)) : not(less(turns, evaluations))
      const over = and(not(on(s.taken)), onFailure ? or(failed, up) : up)
      const fresh = second.init(best)
      return {
        state: {
          first: ran.first,
          second: choose(over, fresh.state, ran.second),
          taken: where(over, 1, s.taken),
          turns,
          course: choose(over, beginning([]), { ...course, idle: where(on(ran.anew), 0, course.idle) }),
          best,
        },
        ask: choose(over, asks(second, fresh.ask), ran.ask),
        verdict: where(over, 0, ran.fault),
        anew: where(over, 1, ran.anew),
        refines: where(over, 0, ran.refines),
      }
    },
  }
}
