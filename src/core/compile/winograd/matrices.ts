/**
 * The matrices of Toom and Cook's algorithm as S. Winograd arranged it for filters: y = A' ((G g) o (B' d)) gives m values of the
 * correlation y_i = sum_k d_{i+k} g_k of m + r - 1 values d with r values g in m + r - 1 products instead of m r.
 *
 * Derivation. The product of two polynomials of degrees below m and r has degree below n = m + r - 1, so its values at n points
 * (one of them infinity) determine it: evaluate both factors, multiply, interpolate. Correlation is the transpose of the
 * product by one factor, and transposing a product of matrices turns evaluation and interpolation into one another: A and G
 * evaluate at the points, and B' holds the coefficients of the interpolation, with their denominators moved into G. See
 * A. Lavin, S. Gray, Fast Algorithms for Convolutional Neural Networks (2016).
 */

export type Matrix = readonly (readonly number[])[]

export interface Filter {
  /** m x n. */
  readonly output: Matrix
  /** n x r. */
  readonly kernel: Matrix
  /** n x n. */
  readonly input: Matrix
}

/** The points besides infinity, by number. Numbers near 1, their negatives and inverses keep what rounding adds small. */
const pointsOf: Readonly<Record<Window, readonly number[]>> = {
  6: [0, 1, -1, 2, -2],
  8: [0, 1, -1, 2, -2, 0.5, -0.5],
}

/** Values that a tile of the input has in each direction. */
export type Window = 6 | 8

/**
 * The tile for kernels of a size. The larger one saves more; for 3 x 3, where the smaller one saves as much as 4 times, it would save
 * little more and round worse.
 */
export const windowFor = (size: number): Window => (size <= 3 ? 6 : 8)

/** Coefficients of the product of x - p over some points, from the constant on. */
const productOf = (roots: readonly number[]): readonly number[] =>
  roots.reduce<readonly number[]>((c, p) => Array.from({ length: c.length + 1 }, (_, i) => (c[i - 1] ?? 0) - p * (c[i] ?? 0)), [1])

const powers = (p: number, n: number): readonly number[] => Array.from({ length: n }, (_, i) => p ** i)
const last = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => (i === n - 1 ? 1 : 0))

/** F(m, r) with m + r - 1 = `window`. */
export const filter = (window: Window, r: number): Filter => {
  const m = window + 1 - r
  const points = pointsOf[window]
  const others = (p: number): readonly number[] => points.filter((q) => q !== p)
  const padded = (row: readonly number[]): readonly number[] => Array.from({ length: window }, (_, i) => (row[i] ?? 0) + 0)
  const evaluated = (n: number): Matrix => [...points.map((p) => powers(p, n)), last(n)]
  const scale = (p: number): number => others(p).reduce((product, q) => product * (p - q), 1)
  const output = evaluated(m)
  return {
    output: Array.from({ length: m }, (_, i) => output.map((row) => row[i] as number)),
    kernel: evaluated(r).map((row, j) => (j < points.length ? row.map((x) => x / scale(points[j] as number)) : row)),
    input: [...points.map((p) => padded(productOf(others(p)))), padded(productOf(points))],
  }
}
