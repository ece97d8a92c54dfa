/**
 * Mehrotra's predictor-corrector method (1992) for the minimum of x'Px/2 + q'x with A x = b and G x <= h: from anywhere to a point close to
 * it. A whole program in the language; what it gives is a constant to every transform.
 *
 * With slacks s > 0 the conditions are rx = P x + q + A'nu + G'mu = 0, rh = A x - b = 0, rg = G x + s - h = 0 and mu s = 0. A Newton step that
 * changes mu s by -t has ds = -rg - G dx and dmu = D G dx - (t - mu rg) / s, D = diag(mu / s), which leaves
 *
 *   (P + G'DG) dx + A'dnu = -rx + G'((t - mu rg) / s),   A dx = -rh.
 *
 * The predictor takes t = mu s. By how much it could lower the mean of mu s says how far the corrector aims, which also takes in the
 * product ds dmu that the predictor left out.
 */
import { epsilon, type Tensor } from "../../core/index.js"
import {
  add,
  and,
  concat,
  div,
  dot,
  einsum,
  expandAxis,
  finite,
  full,
  less,
  lessEqual,
  maximum,
  mean,
  min,
  minimum,
  mul,
  neg,
  norm,
  not,
  onesLike,
  pow,
  sliceAxis,
  solve,
  sqrt,
  stopGradient,
  sub,
  transpose,
  where,
  whileLoop,
  zeros,
} from "../../ops/index.js"

/** P [n, n], q [n], A [p, n], b [p], G [m, n], h [m], with m above 0. */
export interface Quadratic {
  readonly P: Tensor
  readonly q: Tensor
  readonly A: Tensor
  readonly b: Tensor
  readonly G: Tensor
  readonly h: Tensor
}

/** A point, its multipliers, and the slack of the inequalities. */
export interface InteriorPoint {
  readonly x: Tensor
  readonly nu: Tensor
  readonly mu: Tensor
  readonly s: Tensor
}

interface Carry {
  readonly at: InteriorPoint
  readonly left: Tensor<[]>
  readonly distance: Tensor<[]>
}

const MOST_TURNS = 50
/** The part of the way to the nearest bound that is gone. */
const PART = 0.99

const times = (m: Tensor, v: Tensor): Tensor => einsum("ij,j->i", m, v)
const back = (m: Tensor, v: Tensor): Tensor => einsum("ij,i->j", m, v)
const plus = (...terms: readonly [Tensor, ...(readonly Tensor[])]): Tensor => terms.reduce((sum, t) => add(sum, t) as Tensor)

/** The largest step along d that keeps v >= 0, at most 1. */
const longest = (v: Tensor, d: Tensor): Tensor<[]> => {
  const falls = less(d, 0)
  const ratios = where(falls, div(neg(v), where(falls, d, onesLike(d)) as Tensor) as Tensor, onesLike(v)) as Tensor
  return minimum(min(ratios), 1) as Tensor<[]>
}

const moved = (at: InteriorPoint, along: InteriorPoint, step: Tensor<[]>): InteriorPoint => {
  const go = (v: Tensor, d: Tensor): Tensor => add(v, mul(d, step)) as Tensor
  return { x: go(at.x, along.x), nu: go(at.nu, along.nu), mu: go(at.mu, along.mu), s: go(at.s, along.s) }
}

const choose = (p: Tensor<[], "bool">, a: InteriorPoint, b: InteriorPoint): InteriorPoint => {
  const one = (t: Tensor, u: Tensor): Tensor => where(p, t, u) as Tensor
  return { x: one(a.x, b.x), nu: one(a.nu, b.nu), mu: one(a.mu, b.mu), s: one(a.s, b.s) }
}

const residuals = ({ P, q, A, b, G, h }: Quadratic, { x, nu, mu, s }: InteriorPoint) => ({
  rx: plus(times(P, x), q, back(A, nu), back(G, mu)),
  rh: sub(times(A, x), b) as Tensor,
  rg: sub(add(times(G, x), s) as Tensor, h) as Tensor,
})

const distanceFrom = (program: Quadratic, at: InteriorPoint): Tensor<[]> => {
  const { rx, rh, rg } = residuals(program, at)
  return plus(norm(rx), norm(rh), norm(rg), mean(mul(at.mu, at.s) as Tensor)) as Tensor<[]>
}

const turn = (program: Quadratic, at: InteriorPoint): InteriorPoint => {
  const { P, A, G } = program
  const { mu, s } = at
  const { rx, rh, rg } = residuals(program, at)
  const n = P.shape[0] as number
  const p = A.shape[0] as number
  const d = div(mu, s) as Tensor
  const curvature = add(P, einsum("ij,ik->jk", G, mul(G, expandAxis(d, 1)) as Tensor)) as Tensor
  const matrix = concat([concat([curvature, transpose(A)], 1), concat([A, zeros([p, p])], 1)], 0)
  const along = (t: Tensor): InteriorPoint => {
    const pull = div(sub(t, mul(mu, rg)) as Tensor, s) as Tensor
    const found = solve(matrix, concat([sub(back(G, pull), rx) as Tensor, neg(rh)], 0))
    const dx = sliceAxis(found, 0, 0, n)
    const dg = times(G, dx)
    return {
      x: dx,
      nu: sliceAxis(found, 0, n, n + p),
      mu: sub(mul(d, dg) as Tensor, pull) as Tensor,
      s: neg(add(rg, dg) as Tensor),
    }
  }
  const bound = (to: InteriorPoint): Tensor<[]> => minimum(longest(mu, to.mu), longest(s, to.s)) as Tensor<[]>
  const product = mul(mu, s) as Tensor
  const predictor = along(product)
  const reached = moved(at, predictor, bound(predictor))
  const centring = pow(div(dot(reached.mu, reached.s), dot(mu, s)) as Tensor, 3) as Tensor
  const corrector = along(sub(add(product, mul(predictor.mu, predictor.s)) as Tensor, mul(centring, mean(product))) as Tensor)
  return moved(at, corrector, mul(bound(corrector), PART) as Tensor<[]>)
}

/** A point close to the solution, as close as the square root of the target's epsilon where the problem has one. */
export const interiorPoint = (given: Quadratic): InteriorPoint => {
  const held = (t: Tensor): Tensor => stopGradient(t)
  const program: Quadratic = {
    P: held(given.P),
    q: held(given.q),
    A: held(given.A),
    b: held(given.b),
    G: held(given.G),
    h: held(given.h),
  }
  const { q, b, h } = program
  const start: InteriorPoint = {
    x: zeros(q.shape) as Tensor,
    nu: zeros(b.shape) as Tensor,
    mu: onesLike(h),
    s: maximum(h, 1) as Tensor,
  }
  const enough = mul(sqrt(epsilon()), plus(norm(q), norm(b), norm(h), full([], 1))) as Tensor<[]>
  const going = ({ left, distance }: Carry) => and(less(0, left), not(lessEqual(distance, enough))) as Tensor<[], "bool">
  const next = ({ at, left }: Carry): Carry => {
    const made = turn(program, at)
    const distance = distanceFrom(program, made)
    // the matrix is singular to rounding: the point before is as close as it gets
    const sound = finite(distance)
    return {
      at: choose(sound, made, at),
      left: where(sound, sub(left, 1), 0) as Tensor<[]>,
      distance,
    }
  }
  return whileLoop(going, next, { at: start, left: full([], MOST_TURNS) as Tensor<[]>, distance: distanceFrom(program, start) }).at
}
