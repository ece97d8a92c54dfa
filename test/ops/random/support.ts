/** What the tests of distributions share: distribution functions by quadrature, and tests of fit with a stated false-alarm probability. */

/** A false alarm of one test of fit: with fixed seeds a test that passes always passes. */
export const FALSE_ALARM = 1e-6

/**
 * Kolmogorov's statistic D sqrt(n) of a sample against a distribution function. A fair sample exceeds t with probability at most
 * 2 exp(-2 t^2) (Massart 1990).
 */
export const kolmogorov = (sample: readonly number[], cdf: (x: number) => number): number => {
  const n = sample.length
  const sorted = [...sample].sort((a, b) => a - b)
  const distance = Math.max(...sorted.map((x, i) => Math.max((i + 1) / n - cdf(x), cdf(x) - i / n)))
  return distance * Math.sqrt(n)
}

export const kolmogorovLimit = Math.sqrt(Math.log(2 / FALSE_ALARM) / 2)

/** Pearson's statistic of counts. */
export const pearson = (counts: readonly number[], expected: readonly number[]): number =>
  counts.reduce((s, c, i) => s + (c - (expected[i] as number)) ** 2 / (expected[i] as number), 0)

/** What chi-square with so many degrees of freedom exceeds with probability 1e-6 (Wilson and Hilferty 1931; 4.7534 is the normal quantile). */
export const pearsonLimit = (freedom: number): number => {
  const v = 2 / (9 * freedom)
  return freedom * (1 - v + 4.7534 * Math.sqrt(v)) ** 3
}

/** Counts of whole numbers from 0. */
export const counted = (sample: readonly number[], size: number): readonly number[] => {
  const counts = new Array<number>(size).fill(0)
  for (const x of sample) counts[x] = (counts[x] as number) + 1
  return counts
}

const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)

/** The normal distribution function between two points, by Simpson's rule. */
export const normalBetween = (a: number, b: number, steps = 400): number => {
  const h = (b - a) / steps
  let sum = density(a) + density(b)
  for (let i = 1; i < steps; i++) sum += (i % 2 === 1 ? 4 : 2) * density(a + i * h)
  return (sum * h) / 3
}

/** Mean and variance. */
export const moments = (sample: readonly number[]): { readonly mean: number; readonly variance: number } => {
  const mean = sample.reduce((s, x) => s + x, 0) / sample.length
  return { mean, variance: sample.reduce((s, x) => s + (x - mean) ** 2, 0) / sample.length }
}
