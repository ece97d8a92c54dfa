/** Cases by number: a program serves a run of them, and each draws its own numbers. */
import * as E from "fp-ts/lib/Either.js"
import { type Finding, judgeRefusal, judgeResults } from "./judge.js"
import { type Plan, planOf } from "./plan.js"
import { drawNumbers, limits } from "./problem.js"
import { programOf, tensorsOf } from "./program.js"
import { randomOf } from "./random.js"

/** Cases that one compiled program serves. */
export const A_PROGRAM = 40

export interface CaseFinding {
  readonly number: number
  readonly plan: Plan
  readonly finding: Finding
}

/** The cases [from, to) of a seed, in order. */
export async function* hunt(seed: number, from: number, to: number): AsyncGenerator<CaseFinding> {
  for (let first = from; first < to; ) {
    const number = Math.floor(first / A_PROGRAM)
    const plan = planOf(seed, number)
    const last = Math.min(to, (number + 1) * A_PROGRAM)
    const program = programOf(plan)
    for (let i = first; i < last; i++) {
      const p = drawNumbers(randomOf(seed, i, 2), plan.shape, limits[plan.target === "wasm" ? "float32" : "float64"])
      const outcome = await program.run(tensorsOf(plan.shape, p))()
      const finding = E.isLeft(outcome)
        ? judgeRefusal(plan, outcome.left)
        : judgeResults(plan, p, outcome.right.value, outcome.right.report.solves)
      yield { number: i, plan, finding }
    }
    program.dispose()
    first = last
  }
}
