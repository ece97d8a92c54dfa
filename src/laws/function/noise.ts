/**
 * The noise of a function: how much its value jumps when its input moves by less than anything smooth could tell (More and Wild,
 * Estimating computational noise, SIAM J. Sci. Comput. 33, 2011). The k-th differences of a smooth function on such a grid vanish, those of
 * independent errors of variance s^2 have the mean square s^2 (2k)! / (k!)^2. So a solve that stops at a tolerance is measured
 * like the rounding of a sum.
 */

const POINTS = 9
/**
 * Grid steps: far below the curvature of anything, far above the spacing of float64 near 1. Not a power of two: on a grid of short numbers,
 * such as shrunk inputs are, polynomials are computed without rounding or all with the same, and their noise would not be seen.
 */
const STEP = Math.SQRT2 * 2 ** -42

const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1))

/** An estimate of the standard deviation of the errors of `f` near 0, at least one rounding of its value. */
export const noise = (f: (t: number) => number): number => {
  let row = Array.from({ length: POINTS }, (_, i) => f((i - (POINTS - 1) / 2) * STEP))
  let worst = Math.max(...row.map(Math.abs)) * Number.EPSILON
  // first and second differences still show a slope and its rounding
  for (let k = 1; k < 6; k++) {
    row = row.slice(1).map((y, i) => y - (row[i] as number))
    if (k < 3) continue
    const meanSquare = row.reduce((s, d) => s + d * d, 0) / row.length
    worst = Math.max(worst, Math.sqrt((factorial(k) ** 2 / factorial(2 * k)) * meanSquare))
  }
  return worst
}
