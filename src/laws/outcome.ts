/** What comes of trying a law, as values and in words. */
import type { Culprit } from "./blame/index.js"

/** What was tried of a law that held. */
export interface LawReport {
  readonly law: string
  readonly theorem: string
  readonly runs: number
  /** Runs whose input the law says nothing about. */
  readonly vacuous: number
  /** The largest error met, relative to the scale of its terms. */
  readonly worst: number
  readonly seed: number
}

/** A law that does not hold, and the smallest input found for which it does not. */
export interface LawFailure {
  readonly _tag: "LawFailure"
  readonly law: string
  readonly theorem: string
  /** Everything below in words, and how to run it again. */
  readonly message: string
  readonly counterexample: string
  readonly why: string
  readonly error: number
  /** The first equation whose own rule is wrong; null where none is, or where the law looks for none. */
  readonly culprit: Culprit | null
  /** What the search for it found, in words; empty where the law looks for none. */
  readonly rules: string
  readonly runs: number
  readonly shrinks: number
  readonly seed: number
}

/** A failure with its message: law, theorem, input, what was found, and how to run it again. */
export const lawFailure = (f: Omit<LawFailure, "_tag" | "message">): LawFailure => ({
  _tag: "LawFailure",
  ...f,
  message: [
    `the law "${f.law}" does not hold (input ${f.runs}, shrunk ${f.shrinks} times)`,
    `  law:   ${f.theorem}`,
    `  input: ${f.counterexample.replaceAll("\n", "\n         ")}`,
    `  found: ${f.why.replaceAll("\n", "\n         ")}`,
    ...(f.rules === "" ? [] : [`  rules: ${f.rules.replaceAll("\n", "\n         ")}`]),
    `  again: run it with { seed: ${f.seed} }`,
  ].join("\n"),
})

/**
 * One line a law: runs, those that said nothing, and the largest error.
 *
 * @example
 * if (outcome._tag === "Right") console.log(showReport(outcome.right))
 */
export const showReport = (reports: readonly LawReport[]): string =>
  reports
    .map((r) => {
      const outside = r.vacuous > 0 ? ` (${r.vacuous} of them outside the law)` : ""
      return `${r.law}: held on ${r.runs} inputs${outside}, largest error ${r.worst === 0 ? "0" : r.worst.toExponential(1)}, seed ${r.seed}`
    })
    .join("\n")
