/** The known name that a misspelt one was probably meant to be. */

/** Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours that turn one word into another. */
const distance = (a: string, b: string): number => {
  const rows = Array.from({ length: a.length + 1 }, (_, i) =>
    Array.from({ length: b.length + 1 }, (_, j) => (i === 0 ? j : j === 0 ? i : 0)),
  )
  const at = (i: number, j: number): number => rows[i]![j]!
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let least = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + same)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, at(i - 2, j - 2) + 1)
      rows[i]![j] = least
    }
  }
  return at(a.length, b.length)
}

/** What is longer was not misspelt, and the work grows with the length. */
const longest = 100

const lastPart = (name: string): string => name.slice(name.lastIndexOf(".") + 1)

/**
 * The nearest of `known` (the first of equals): compared whole and, for dotted names, by their last part. Undefined for none.
 *
 * @example
 * nearest("slot", ["steps", "slots"]) // "slots"
 */
export const nearest = (given: string, known: readonly string[]): string | undefined => {
  const name = given.slice(0, longest)
  const far = (candidate: string): number => {
    const whole = distance(name.toLowerCase(), candidate.toLowerCase())
    return Math.min(whole, distance(lastPart(name).toLowerCase(), lastPart(candidate).toLowerCase()) + (name.includes(".") ? 0.5 : 0.25))
  }
  let best: string | undefined
  let least = Number.POSITIVE_INFINITY
  for (const candidate of known) {
    const d = far(candidate)
    if (d < least) [best, least] = [candidate, d]
  }
  return best
}
