/** Running laws: fast-check draws inputs, shrinks a counter-example, and the outcome is a value. Works in any test runner, or alone. */
import * as fc from "fast-check"
import { type Either, left, right } from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import { blame } from "./blame/index.js"
import { type AnyLaw, fails, type Law, type Verdict } from "./law.js"
import { type LawFailure, type LawReport, lawFailure } from "./outcome.js"

/** How thoroughly a law is tried. */
export interface CheckOptions {
  /** Where fast-check starts. By default its global setting, else a new one each time; it is told with the outcome. */
  readonly seed?: number
  /** Inputs a law. By default fast-check's global setting, else 100. */
  readonly runs?: number
  /** Whether a counter-example is made small. Default true. */
  readonly shrink?: boolean
}

const verdictOn = async <A>(law: Law<A>, a: A): Promise<Verdict> => {
  try {
    return await law.check(a)
  } catch (e) {
    // fc.pre leaves an input out
    if (fc.PreconditionFailure.isFailure(e)) throw e
    return fails(e instanceof Error ? `it threw ${e.name}: ${e.message}` : `it threw ${String(e)}`)
  }
}

const run = async <A>(law: Law<A>, { seed, runs, shrink = true }: CheckOptions): Promise<Either<LawFailure, LawReport>> => {
  let [worst, vacuous] = [0, 0]
  const property = fc.asyncProperty(law.arbitrary, async (a) => {
    const verdict = await verdictOn(law, a)
    if (verdict.t === "fails") return false
    if (verdict.t === "vacuous") vacuous++
    else worst = Math.max(worst, verdict.error)
    return true
  })
  const details = await fc.check(property, {
    endOnFailure: !shrink,
    ...(seed === undefined ? {} : { seed }),
    ...(runs === undefined ? {} : { numRuns: runs }),
  })
  const { name, theorem } = law
  const tried = { law: name, theorem, runs: details.numRuns, seed: details.seed }
  if (!details.failed) return right({ ...tried, vacuous, worst })
  if (details.counterexample === null) {
    const why = details.interrupted
      ? "it was interrupted before any input was tried"
      : "too many inputs were left out by conditions (fc.pre)"
    return left(lawFailure({ ...tried, shrinks: 0, counterexample: "none", why, error: Number.NaN, culprit: null, rules: "" }))
  }
  const [a] = details.counterexample
  const verdict = await verdictOn(law, a)
  const { why, error } =
    verdict.t === "fails"
      ? verdict
      : {
          why: "it failed once and held when it was run again on the same input: something in it is not a pure function",
          error: Number.NaN,
        }
  const found = verdict.t === "fails" && law.suspects !== undefined ? await blame(law.suspects(a)) : null
  const { culprit, told: rules } = found ?? { culprit: null, told: "" }
  return left(lawFailure({ ...tried, shrinks: details.numShrinks, counterexample: law.show(a), why, error, culprit, rules }))
}

/**
 * Tries a law, or laws in order up to the first that fails, on generated inputs. `Left` holds a small counter-example, `Right`
 * says what was tried.
 *
 * @example
 * const outcome = await laws.check(laws.gradient(loss, [normal([3])]), { runs: 200 })()
 */
export const check = (law: AnyLaw | readonly AnyLaw[], options: CheckOptions = {}): TaskEither<LawFailure, readonly LawReport[]> => {
  return async () => {
    const reports: LawReport[] = []
    for (const one of "check" in law ? [law] : law) {
      const outcome = await run(one, options)
      if (outcome._tag === "Left") return outcome
      reports.push(outcome.right)
    }
    return right(reports)
  }
}

/**
 * `check` for test runners: the promise is rejected with the failure's message.
 *
 * @example
 * test("the loss has the gradient it says", () => laws.assert(laws.gradient(loss, [normal([3])])))
 */
export const assert = async (law: AnyLaw | readonly AnyLaw[], options: CheckOptions = {}): Promise<readonly LawReport[]> => {
  const outcome = await check(law, options)()
  if (outcome._tag === "Left") throw new Error(outcome.left.message)
  return outcome.right
}
