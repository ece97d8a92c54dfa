/** How far a target's numbers are from the float64 interpreter's, as a fraction of what rounding explains. */
import type { Results } from "./runners.js"

export interface Judgement {
  /** The largest error over its bound; 0 where all numbers are the same, infinite where one is finite and the other is not. */
  readonly worst: number
  /** Elements whose bound is wider than a hundredth of the output's largest number, or unknown: of these the bound says little. */
  readonly loose: number
  readonly elements: number
}

const at = (all: Results, k: number, i: number): number => (all[k] as ArrayLike<number>)[i] as number

/** An element's error over its bound. */
const fraction = (want: number, got: number, bound: number): number => {
  if (want === got || (Number.isNaN(want) && Number.isNaN(got))) return 0
  if (Number.isNaN(bound)) return 0 // rounding makes NaN of it: counted as loose
  return Number.isFinite(want) && Number.isFinite(got) ? Math.abs(want - got) / bound : Number.POSITIVE_INFINITY
}

export const judge = (exact: Results, bounds: Results, found: Results): Judgement => {
  let [worst, loose, elements] = [0, 0, 0]
  if (found.length !== exact.length) return { worst: Number.POSITIVE_INFINITY, loose, elements }
  exact.forEach((y, k) => {
    if ((found[k] as ArrayLike<number>).length !== y.length) worst = Number.POSITIVE_INFINITY
    const scale = Array.from(y).reduce((m, x) => (Number.isFinite(x) ? Math.max(m, Math.abs(x)) : m), 0)
    for (let i = 0; i < y.length; i++) {
      const bound = at(bounds, k, i)
      elements++
      if (!(bound <= scale / 100 + 2 ** -100)) loose++
      worst = Math.max(worst, fraction(at(exact, k, i), at(found, k, i), bound))
    }
  })
  return { worst, loose, elements }
}
