/**
 * How a solve has gone, and whether it has gone wrong. The loop judges every solve by it, and a solver made of two judges its parts by
 * it, so that both mean the same by "stalled". Everything is one number a row.
 */
import { epsilon, type Tensor, type Unchecked } from "../../core/index.js"
import { add, and, finite, full, greater, less, mul, not, or, where } from "../../ops/index.js"
import { codeOf } from "../status.js"
import type { Truths } from "./parts.js"

type Numbers = Tensor<Unchecked>

export interface Course extends Record<string, Numbers> {
  /** The smallest residual, infinite before the first. */
  readonly residual: Numbers
  readonly first: Numbers
  /** Turns since the residual last fell. */
  readonly idle: Numbers
}

/**
 * Turns without a better residual that a method of first order is allowed with n unknowns. That the residual falls in each turn is known
 * only of maps that contract in this very norm. Elsewhere a method that converges may wait in proportion to n:
 *
 * - a map far from normal hands what it amplifies from unknown to unknown before it fades: with l on the diagonal and c above it a wave moves
 *   by c / (l + c) of an unknown a turn, so that the residual of plain iteration rises for n (l + c) / c turns (93 with n = 40, l = 0.6, c = 0.45);
 * - of a cyclic shift Anderson's method, which then is GMRES, sees nothing fall for n - 1 turns and has the solution in the next (Walker and
 *   Ni 2011); Broyden's needs up to 2 n turns for a linear system (Gay 1979).
 *
 * From 64 unknowns on it grows no more: 192 turns end well before the default budget of 256, so that what stalls is still told so.
 */
export const transient = (n: number): number => 64 + 2 * Math.min(n, 64)

/** The course before anything was evaluated; `lead` are the row axes. */
export const beginning = (lead: readonly number[]): Course => ({
  residual: full(lead, Number.POSITIVE_INFINITY),
  first: full(lead, Number.POSITIVE_INFINITY),
  idle: full(lead, 0),
})

export interface Visit {
  readonly residual: Numbers
  /** Whether it is a point of its own, and no probe. */
  readonly tested: Truths
}

/** The course after a visit, and whether the point is the new best one: strictly better, or, with `latest`, just finite. */
export const after = (c: Course, { residual, tested }: Visit, latest: boolean): { readonly course: Course; readonly better: Truths } => {
  const sound = and(tested, finite(residual))
  const better = latest ? sound : and(sound, less(residual, c.residual))
  return {
    better,
    course: {
      residual: where(better, residual, c.residual),
      first: where(finite(c.first), c.first, residual),
      idle: where(better, 0, add(c.idle, 1)),
    },
  }
}

/** A residual this many times the first one (and one) has diverged: 1e6 in float64, 1e4 in float32. */
const divergence = (): Tensor<[]> => where(less(epsilon(), 1e-10), full([], 1e6) as Tensor<[]>, full([], 1e4) as Tensor<[]>)

export interface Judged {
  readonly before: Course
  readonly now: Course
  readonly visit: Visit
  /** Turns without a better residual that are allowed; null where their number is the point. */
  readonly patience: number | null
  readonly recovers: boolean
  /** Where no turn follows; null for nowhere. */
  readonly last: Truths | null
  readonly verdict: Numbers | undefined
  readonly anew: Numbers | undefined
}

/** The code of what has gone wrong, 0 where nothing has. From the mildest to the worst; the last that holds decides. */
export const wrong = ({ before, now, visit: { residual, tested }, patience, recovers, last, verdict, anew }: Judged): Numbers => {
  const held = (p: Truths): Truths => (anew === undefined ? p : and(less(anew, 0.5), p))
  let status: Numbers = full(residual.shape, 0)
  const unless = (p: Truths, code: number) => {
    status = where(p, code, status)
  }
  if (patience !== null) {
    unless(held(greater(now.idle, patience)), codeOf("Stalled"))
    unless(held(greater(residual, mul(add(now.first, 1), divergence()))), codeOf("Diverged"))
  }
  if (verdict !== undefined) status = where(greater(verdict, 0), verdict, status)
  const lost = held(and(tested, not(finite(residual))))
  unless(
    recovers ? and(lost, or(not(finite(before.residual)), last === null ? greater(status, 0) : or(last, greater(status, 0)))) : lost,
    codeOf("NonFinite"),
  )
  return status
}
