/** What the tests of laws share: the failure that a wrong function leads to, and how small its counter-example is. */
import type { AnyLaw, LawFailure } from "../../src/laws/index.js"
import * as laws from "../../src/laws/index.js"
import { left } from "../support/either.js"

/** The failure of laws that do not hold, by the suite's seed and budget; laws that hold fail the test. */
export const failure = async (law: AnyLaw | readonly AnyLaw[], options: laws.CheckOptions = {}): Promise<LawFailure> =>
  left(await laws.check(law, options)())

/** All numbers of a counter-example that stand in brackets, names of arguments left out. */
const numbersOf = (counterexample: string): readonly number[] =>
  [...counterexample.replaceAll(/argument \[\d+\]|(?:float|int|bool)\[[\d, ]*\]/g, "").matchAll(/-?\d+(?:\.\d+)?/g)].map(([n]) => Number(n))

/** How many numbers of a counter-example are not 0, and the largest of them. */
export const sizeOfExample = ({ counterexample }: LawFailure): { readonly nonzero: number; readonly largest: number } => {
  const numbers = numbersOf(counterexample).filter((n) => n !== 0)
  return { nonzero: numbers.length, largest: Math.max(0, ...numbers.map(Math.abs)) }
}
