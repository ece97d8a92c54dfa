/**
 * Chebyshev's semi-iteration (Golub and Varga 1961) for a symmetric Jacobian A with eigenvalues in [low, high], high < 1: those of
 * I - A then lie in [d - c, d + c]. With g = f(z) - z,
 *
 *     z <- z + alpha p,   p = g + beta p,   alpha = 1 / (d - beta / alpha),   beta = (c alpha)^2 / 2 at the second step, then (c alpha / 2)^2.
 *
 * For affine f the k-th residual is at most 2 / (s^k + s^-k) of the first, s = (sqrt(kappa) - 1) / (sqrt(kappa) + 1) with
 * kappa = (d + c) / (d - c), and no method that knows the bounds alone does better. There are no inner products: unknowns that don't
 * depend on one another are solved as they would be alone.
 */
import { add, div, full, less, mul, square, sub, where, zerosLike } from "../../ops/index.js"
import type { Algorithm, Scalar, Vector } from "./algorithm.js"

interface Course extends Record<string, Vector> {
  readonly p: Vector
  /** 0 before the first step. */
  readonly alpha: Scalar
  readonly steps: Scalar
}

const number = (x: number) => full([], x) as Scalar

/** Steps in which the bound of the residual falls by three digits. */
const decade = (low: number, high: number): number => {
  const root = Math.sqrt((1 - low) / (1 - high))
  return Math.ceil(Math.log(2e3) / Math.log((root + 1) / (root - 1)))
}

export const chebyshevAlgorithm = (low: number, high: number): Algorithm<Course> => {
  const [d, c] = [1 - (high + low) / 2, (high - low) / 2]
  return {
    needs: [],
    recovers: false,
    // residuals follow the bound from below, and may come close to zero long before it does
    patience: () => Math.max(64, decade(low, high)),
    init: (z) => ({ state: { p: zerosLike(z), alpha: number(0), steps: number(0) }, ask: { at: z } }),
    step: (s, { at, f }) => {
      const started = less(0.5, s.steps)
      const beta = mul(square(mul(s.alpha, c)), where(less(s.steps, 1.5), number(0.5), number(0.25)))
      const before = where(started, s.alpha, number(1))
      const alpha = div(1, sub(d, div(beta, before))) as Scalar
      const p = add(sub(f, at), mul(s.p, beta)) as Vector
      return { state: { p, alpha, steps: add(s.steps, 1) as Scalar }, ask: { at: add(at, mul(p, alpha)) as Vector } }
    },
  }
}
