/**
 * Conjugate gradients (Hestenes and Stiefel 1952), for M x = b with M symmetric positive definite: p_0 = r_0 = b - M x_0,
 *
 *     a = <r, r> / <p, M p>,  x <- x + a p,  r <- r - a M p,  p <- r + (<r, r> / <r, r>_old) p,
 *
 * and for M'M x = M'b with any M, whose residual is s = M' r (CGLS, Bjorck 1996): the same with s for r and <p, M'M p> = |M p|^2. Both
 * test |r|, the residual of M x = b. Every few steps r is computed anew at x, which is a turn that the loop tests.
 */
import { solveStatuses } from "../../core/index.js"
import { add, and, div, dot, equal, finite, full, less, lessEqual, mul, norm, not, or, sub, where, zerosLike } from "../../ops/index.js"
import type { Algorithm, Scalar, Vector } from "./algorithm.js"

interface Conjugate extends Record<string, Vector> {
  readonly x: Vector
  readonly r: Vector
  /** The residual of the definite system: r itself, or M' r. */
  readonly s: Vector
  readonly p: Vector
  /** <s, s> of the step before. */
  readonly ss: Scalar
  /** 1 while a product is asked for, 0 for a point. */
  readonly probing: Scalar
  /** 1 when the next direction is s alone: at the start, and where the point told another residual than the recurrence. */
  readonly fresh: Scalar
  readonly steps: Scalar
  readonly tolerance: Scalar
}

const number = (x: number) => full([], x) as Scalar
const code = (status: "Breakdown" | "Singular" | "NonFinite") => number(solveStatuses.indexOf(status))

/** Steps after which the residual is computed anew. */
const STEPS = 16

const conjugateGradients = (normal: boolean): Algorithm<Conjugate> => ({
  needs: normal ? ["direction", "transposed"] : ["direction"],
  recovers: false,
  patience: (n) => 64 + 2 * n,
  init: (x) => {
    const none = zerosLike(x)
    const zero = number(0)
    return {
      state: { x, r: none, s: none, p: none, ss: zero, probing: zero, fresh: number(1), steps: zero, tolerance: zero },
      ask: { at: x, along: none, probe: zero },
    }
  },
  step: (c, { at, f, along, alongJ, transposed, tolerance: told }) => {
    const probing = less(0.5, c.probing)
    const product = sub(along as Vector, alongJ as Vector) as Vector
    const curvature = normal ? dot(product, product) : dot(c.p, product)
    const curved = less(0, curvature)
    const a = div(c.ss, where(curved, curvature, number(1))) as Scalar
    const x = where(probing, add(c.x, mul(c.p, a)), at)
    const r = where(probing, sub(c.r, mul(product, a)), sub(f, at))
    const s = normal ? where(probing, sub(c.s, mul(transposed as Vector, a)), transposed as Vector) : r
    const steps = where(probing, add(c.steps, 1), number(0)) as Scalar
    const tolerance = where(probing, c.tolerance, told)
    const enough = lessEqual(norm(r), mul(tolerance, 0.5))
    const ends = and(probing, or(enough, not(less(steps, STEPS))))
    const ss = dot(s, s)
    const onwards = and(less(c.fresh, 0.5), not(equal(c.ss, 0)))
    const next = where(onwards, add(s, mul(c.p, div(ss, where(onwards, c.ss, number(1))))), s)
    const lost = and(probing, not(curved))
    return {
      state: {
        x,
        r,
        s,
        p: where(ends, c.p, next),
        ss: where(ends, c.ss, ss),
        probing: where(ends, number(0), number(1)),
        fresh: where(and(ends, enough), number(1), where(ends, c.fresh, number(0))),
        steps,
        tolerance,
      },
      ask: { at: x, along: where(ends, zerosLike(next), next), probe: where(ends, number(0), number(1)) },
      verdict: where(lost, where(finite(curvature), code(normal ? "Singular" : "Breakdown"), code("NonFinite")), number(0)),
    }
  },
})

export const cgAlgorithm = conjugateGradients(false)
export const normalCgAlgorithm = conjugateGradients(true)
