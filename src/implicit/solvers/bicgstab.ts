/**
 * BiCGSTAB (van der Vorst 1992). With a shadow residual q, fixed, and p_0 = r_0 = q,
 *
 *     v = M p,  a = <q, r> / <q, v>,  s = r - a v,  t = M s,  w = <t, s> / <t, t>,
 *     x <- x + a p + w s,  r <- s - w t,  p <- r + (<q, r> / <q, r>_old) (a / w) (p - w v).
 *
 * A divisor of less than epsilon times the lengths of what it is the product of is a breakdown, whatever its sign and whatever the scale
 * of M and b: the iteration begins anew, with the residual of the point where it is, once; then it gives up.
 */
import { epsilon, solveStatuses } from "../../core/index.js"
import { abs, add, and, div, dot, finite, full, less, lessEqual, mul, norm, not, or, sub, where, zerosLike } from "../../ops/index.js"
import type { Algorithm, Scalar, Vector } from "./algorithm.js"

interface Bi extends Record<string, Vector> {
  readonly x: Vector
  readonly r: Vector
  readonly shadow: Vector
  readonly p: Vector
  readonly v: Vector
  readonly rho: Scalar
  readonly alpha: Scalar
  readonly omega: Scalar
  /** What is asked for: 0 a point, 1 the product with p, 2 that with s, which then stands in r. */
  readonly phase: Scalar
  /** 1 when the next point begins anew. */
  readonly fresh: Scalar
  readonly breakdowns: Scalar
  readonly steps: Scalar
  readonly tolerance: Scalar
}

const number = (x: number) => full([], x) as Scalar
type Flag = ReturnType<typeof less>
const flag = (p: Flag): Scalar => where(p, number(1), number(0)) as Scalar
/** The quotient, and whether the divisor <a, b> is nothing but rounding. */
const divided = (top: Scalar, a: Vector, b: Vector): { readonly value: Scalar; readonly lost: Flag } => {
  const product = dot(a, b)
  const lost = not(less(mul(mul(norm(a), norm(b)), epsilon()), abs(product)))
  return { value: div(top, where(lost, number(1), product)) as Scalar, lost }
}

/** Steps after which the residual is computed anew. */
const STEPS = 16
const [BREAKDOWN, NON_FINITE] = [solveStatuses.indexOf("Breakdown"), solveStatuses.indexOf("NonFinite")]

export const bicgstabAlgorithm: Algorithm<Bi> = {
  needs: ["direction"],
  recovers: false,
  patience: (n) => 64 + 4 * n,
  init: (x) => {
    const [none, zero] = [zerosLike(x), number(0)]
    return {
      state: {
        x,
        r: none,
        shadow: none,
        p: none,
        v: none,
        rho: zero,
        alpha: zero,
        omega: zero,
        phase: zero,
        fresh: number(1),
        breakdowns: zero,
        steps: zero,
        tolerance: zero,
      },
      ask: { at: x, along: none, probe: zero },
    }
  },
  step: (c, { at, f, along, alongJ, tolerance: told }) => {
    const [first, second] = [and(less(0.5, c.phase), less(c.phase, 1.5)), less(1.5, c.phase)]
    const tested = less(c.phase, 0.5)
    const product = sub(along as Vector, alongJ as Vector) as Vector
    const tolerance = where(tested, told, c.tolerance)
    const target = mul(tolerance, 0.5)
    // the half step along p
    const a = divided(c.rho, c.shadow, product)
    const half = { x: add(c.x, mul(c.p, a.value)), r: sub(c.r, mul(product, a.value)) as Vector }
    // the other half along s
    const ts = dot(product, c.r)
    const skew = divided(number(1), product, c.r).lost
    const tt = dot(product, product)
    const omega = div(ts, where(less(0, tt), tt, number(1))) as Scalar
    const whole = { x: add(c.x, mul(c.r, omega)), r: sub(c.r, mul(product, omega)) as Vector }
    const lost = or(and(first, a.lost), and(second, skew))
    const x = where(tested, at, where(lost, c.x, where(first, half.x, whole.x))) as Vector
    const r = where(tested, sub(f, at), where(lost, c.r, where(first, half.r, whole.r))) as Vector
    const steps = where(tested, number(0), add(c.steps, flag(second))) as Scalar
    const enough = and(not(tested), lessEqual(norm(r), target))
    const due = and(second, not(less(steps, STEPS)))
    // a direction, where a step is complete
    const anew = less(0.5, c.fresh)
    const rho = dot(c.shadow, r)
    const faint = divided(number(1), c.shadow, r).lost
    const [alpha, w] = [where(first, a.value, c.alpha), where(second, omega, c.omega)] as readonly [Scalar, Scalar]
    const usable = and(not(anew), and(not(faint), not(or(lost, first))))
    const beta = mul(div(rho, where(usable, c.rho, number(1))), div(alpha, where(usable, w, number(1))))
    const begins = and(tested, or(anew, faint))
    const v = where(first, product, c.v) as Vector
    const continued = add(r, mul(sub(c.p, mul(v, w)), beta)) as Vector
    const p = where(begins, r, where(first, c.p, continued)) as Vector
    const broken = or(lost, and(second, faint))
    const ends = or(enough, or(due, and(not(tested), broken)))
    const phase = where(ends, number(0), where(first, number(2), number(1))) as Scalar
    const faults = or(and(broken, not(enough)), and(tested, and(faint, not(anew))))
    const breakdowns = add(c.breakdowns, flag(faults)) as Scalar
    const ask = where(ends, zerosLike(p), where(first, r, p)) as Vector
    return {
      state: {
        x,
        r,
        shadow: where(begins, r, c.shadow),
        p: where(ends, c.p, p),
        v,
        rho: where(begins, dot(r, r), where(or(first, ends), c.rho, rho)),
        alpha,
        omega: w,
        phase,
        fresh: flag(and(ends, or(enough, broken))),
        breakdowns,
        steps,
        tolerance,
      },
      ask: { at: x, along: ask, probe: flag(not(ends)) },
      verdict: where(
        and(not(tested), not(finite(norm(product)))),
        number(NON_FINITE),
        where(and(faults, less(1.5, breakdowns)), number(BREAKDOWN), number(0)),
      ),
    }
  },
}
