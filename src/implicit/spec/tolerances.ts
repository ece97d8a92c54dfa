/** When a solve ends. */

/** When a solve has converged, and how long it may try. */
export interface Tolerances {
  /** Absolute part of the stopping test |f(z) - z| <= atol + rtol |f(z)|. Default epsilon^(2/3) of the target: 3.7e-11 in float64, 2.4e-5 in float32. */
  readonly atol?: number
  /** Relative part; the same default. */
  readonly rtol?: number
  /** Most evaluations of f. Default 256. */
  readonly maxEvaluations?: number
}
