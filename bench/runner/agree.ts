/** Whether engines did the same work: their results are compared before anything is timed. */
import type { Workload } from "../workloads/index.js"

/**
 * How far results may be apart. Outputs of kernels: the largest difference as a share of the root mean square, where float32 sums of up to
 * 39,200 products in another order differ by some 1e-5. Losses: 4 digits at each of the first steps.
 */
export const tolerances = { kernel: 1e-4, training: 1e-4 } as const

/** Largest difference as a share of the first result's root mean square. NaN and different lengths are infinitely far. */
export const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY
  let [squares, worst] = [0, 0]
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number]
    const apart = Math.abs(x - y)
    if (!Number.isFinite(apart)) return Number.POSITIVE_INFINITY
    worst = Math.max(worst, apart)
    squares += x * x
  }
  return worst === 0 ? 0 : worst / Math.sqrt(squares / a.length)
}

export interface Disagreement {
  readonly engines: readonly [string, string]
  readonly distance: number
}

/** Each result against the first one. */
export const disagreements = (workload: Workload, results: ReadonlyMap<string, ArrayLike<number>>): readonly Disagreement[] => {
  const [first, ...others] = results
  if (first === undefined) return []
  return others
    .map(([name, result]) => ({ engines: [first[0], name] as const, distance: distance(first[1], result) }))
    .filter((pair) => pair.distance > tolerances[workload.kind])
}
