/** Laws as values: a theorem about a program, the inputs to try it on, and a check that says what it found. */
import type { Arbitrary } from "fast-check"
import type { Suspect } from "./blame/index.js"

/** What a check of one input found. */
export type Verdict =
  /** `error`: the largest error met, relative to the scale of its terms; 0 where the law is exact. */
  | { readonly t: "holds"; readonly error: number }
  /** The law says nothing about this input. */
  | { readonly t: "vacuous" }
  | { readonly t: "fails"; readonly error: number; readonly why: string }

/** A property that holds for every input of `arbitrary`. */
export interface Law<A> {
  readonly name: string
  /** One sentence, with its source. */
  readonly theorem: string
  readonly arbitrary: Arbitrary<A>
  /** An input as a reader of the failure wants to see it. */
  readonly show: (a: A) => string
  /** Throws nothing for a law that is broken: what the program under test throws counts as broken. */
  readonly check: (a: A) => Verdict | Promise<Verdict>
  /** Programs in which the first wrong rule is looked for where the law fails; left out where no rule can be the reason. */
  readonly suspects?: (a: A) => readonly Suspect[]
}

/** A law with its inputs' type forgotten; arbitrary, show and check always travel together. */
// biome-ignore lint/suspicious/noExplicitAny: existential type; `check` runs a law on its own arbitrary only
export type AnyLaw = Law<any>

/**
 * The verdict of a law that held, with the largest error met.
 *
 * @example
 * holds(1e-15) // the law held, with this error
 */
export const holds = (error = 0): Verdict => ({ t: "holds", error })
/**
 * The verdict on an input that a law says nothing about.
 *
 * @example
 * if (!applies(input)) return vacuous
 */
export const vacuous: Verdict = { t: "vacuous" }
/**
 * The verdict of a law that is broken, with the reason.
 *
 * @example
 * fails("the value is negative")
 */
export const fails = (why: string, error = Number.POSITIVE_INFINITY): Verdict => ({ t: "fails", error, why })

/**
 * The first failure, else the largest error; vacuous where every part is. Parts after a failure are not computed.
 *
 * @example
 * allOf(rows.map(checkRow))
 */
export const allOf = (parts: Iterable<Verdict>): Verdict => {
  let worst: Verdict = vacuous
  for (const v of parts) {
    if (v.t === "fails") return v
    if (v.t === "holds" && (worst.t === "vacuous" || v.error > worst.error)) worst = v
  }
  return worst
}
