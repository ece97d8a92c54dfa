/**
 * sin and cos in float32, for an element and for a vector of four with the same bits. They are computed in float64, a vector in
 * two halves, so that digits which cancel next to a multiple of pi/2 are there. Polynomials of FreeBSD (k_sinf.c, k_cosf.c).
 */
import { bind, polynomial, simd, unary } from "./assembly.js"
import { type Code, F64, type Fn, V128 } from "./emitter.js"
import { type Kit, scalar32, scalar64, vector32, vector64 } from "./kits.js"
import { inQuadrant, type Turns } from "./trigonometry64.js"

/** n pi/2 with the first 25 bits of pi/2 is exact, and the error of the rest stays below 2^-55. */
const moderate = 2 ** 24

const sine = (k: Kit, f: Fn, x: Code, turns: Turns): Code => {
  const rounder = 1.5 * 2 ** 52 + turns
  const t = bind(f, k.float, k.add(k.mul(x, k.f(6.36619772367581382433e-1)), k.f(rounder)))
  const n = bind(f, k.float, k.sub(t, k.f(rounder)))
  const head = k.sub(x, k.mul(n, k.f(1.5707963109016418457)))
  const r = bind(f, k.float, k.sub(head, k.mul(n, k.f(1.58932547735281966916e-8))))
  const z = bind(f, k.float, k.mul(r, r))
  const sin = polynomial(
    k,
    z,
    [1, -0.166666666416265235595, 0.0083333293858894631756, -0.000198393348360966317347, 0.0000027183114939898219064].map(k.f),
  )
  const cos = polynomial(
    k,
    z,
    [1, -0.49999999725103100312, 0.0416666233237390631894, -0.00138867637746099294692, 0.0000243904487962774090654].map(k.f),
  )
  return inQuadrant(k, k.bits(t), k.mul(r, sin), cos)
}

/** `near` where all elements are below the bound, else `exact`. */
const within =
  (k: Kit, x: Code, near: Code, exact: Code): Code =>
  (f) => {
    k.all(k.lessEqual(k.abs(x), k.f(moderate)))(f)
    f.if(
      k.float,
      () => near(f),
      () => exact(f),
    )
  }

export const promote = unary([0xbb])
export const demote = unary([0xb6])

/** sin(x + turns pi/2), by `exact` for what is large or not finite. Error below 0.51 ulp (0.501 is the worst between 2^-12 and 2^26). */
export const scalarSine32 = (x: Code, turns: Turns, exact: Code): Code =>
  within(scalar32, x, (f) => demote(sine(scalar64, f, bind(f, F64, promote(x)), turns))(f), exact)

const promoteLow = unary(simd(95))
const demoteLow = unary(simd(94))

/** The bytes of two vectors that make a new one: 16 positions in both. */
const shuffle =
  (a: Code, b: Code, positions: readonly number[]): Code =>
  (f) => {
    a(f)
    b(f)
    f.op([...simd(13), ...positions])
  }

const from = (start: number, count: number): readonly number[] => Array.from({ length: count }, (_, i) => start + i)
const high = (x: Code): Code => shuffle(x, x, [...from(8, 8), ...from(8, 8)])
const lowHalves = (a: Code, b: Code): Code => shuffle(a, b, [...from(0, 8), ...from(16, 8)])

/** The same of a vector. */
export const vectorSine32 = (x: Code, turns: Turns, exact: Code): Code => {
  const half =
    (part: Code): Code =>
    (f) =>
      demoteLow(sine(vector64, f, bind(f, V128, promoteLow(part)), turns))(f)
  return within(vector32, x, lowHalves(half(x), half(high(x))), exact)
}
