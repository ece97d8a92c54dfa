/**
 * exp, log and tanh in float32, without branches, so that one text serves an element and a vector of four: both give the
 * same bits. Polynomials of Cephes (expf, logf, tanhf).
 */
import { bind, polynomialOfPairs } from "./assembly.js"
import type { Code, Fn } from "./emitter.js"
import type { Kit } from "./kits.js"
import type { Logarithm } from "./logarithm.js"

/** `n ln 2` is exact with the high part: n has 8 bits, this 10. */
const ln2High = 0.693359375
const ln2Low = -2.1219444e-4

/**
 * Added to a float, it leaves the nearest whole number n in the last bits, as n + 254: twice the bias of an exponent, so
 * that halves of it are biased exponents. The bits above fall off where those are shifted into place.
 */
const rounder = 1.5 * 2 ** 23 + 254

/** e^x = y 2^n: y, and the bits of n + `rounder`. */
const reduced = (k: Kit, f: Fn, x: Code): { readonly y: Code; readonly n: Code } => {
  const t = bind(f, k.float, k.add(k.mul(x, k.f(Math.LOG2E)), k.f(rounder)))
  const n = bind(f, k.float, k.sub(t, k.f(rounder)))
  const r = bind(f, k.float, k.sub(k.sub(x, k.mul(n, k.f(ln2High))), k.mul(n, k.f(ln2Low))))
  const square = bind(f, k.float, k.mul(r, r))
  const p = polynomialOfPairs(
    k,
    r,
    square,
    [0.50000001201, 0.16666665459, 4.1665795894e-2, 8.3334519073e-3, 1.3981999507e-3, 1.98756915e-4].map(k.f),
  )
  return { y: k.add(k.add(k.mul(p, square), r), k.f(1)), n: bind(f, k.int, k.bits(t)) }
}

/** Error below 1.01 ulp, subnormal results included (1.004 at 70.372, the worst of all numbers). */
export const exp32 = (k: Kit, f: Fn, x: Code): Code => {
  // Beyond these bounds the result is infinite or rounds to 0.
  const c = bind(f, k.float, k.atLeast(k.atMost(x, k.f(89)), k.f(-104)))
  const { y, n } = reduced(k, f, c)
  // 2^n in two factors, so that results beyond 2^127 and subnormal ones are reached.
  const half = bind(f, k.int, k.shr(n, 1))
  const power = (e: Code): Code => k.fromBits(k.shl(e, 23))
  return k.mul(k.mul(y, power(half)), power(k.subInt(n, half)))
}

/** log(x 2^-shift) for normal numbers. */
const logOfNormal = (k: Kit, f: Fn, x: Code, shift: Code | null): Code => {
  // x = m 2^e with sqrt(1/2) <= m < sqrt(2); those are the bits of sqrt(1/2).
  const sqrtHalf = k.i(0x3f3504f3n)
  const bits = bind(f, k.int, k.subInt(k.bits(x), sqrtHalf))
  const exponent = k.exponent(bits)
  const e = bind(f, k.float, shift === null ? exponent : k.sub(exponent, shift))
  const m = bind(f, k.float, k.sub(k.fromBits(k.addInt(k.and(bits, k.i(0x7fffffn)), sqrtHalf)), k.f(1)))
  const z = bind(f, k.float, k.mul(m, m))
  const p = polynomialOfPairs(
    k,
    m,
    z,
    [
      3.3333331174e-1, -2.4999993993e-1, 2.0000714765e-1, -1.6668057665e-1, 1.4249322787e-1, -1.2420140846e-1, 1.167699874e-1,
      -1.151461031e-1, 7.0376836292e-2,
    ].map(k.f),
  )
  const tail = k.sub(k.add(k.mul(k.mul(p, m), z), k.mul(e, k.f(ln2Low))), k.mul(z, k.f(0.5)))
  return k.add(k.add(m, tail), k.mul(e, k.f(ln2High)))
}

/** Error below 0.9 ulp, of subnormal numbers too (0.83 at 1.4136, the worst between 2^-4 and 2^4). */
export const log32: Logarithm = { least: 2 ** -126, shift: 23, ofNormal: logOfNormal }

/** Error below 1.4 ulp (1.33 at 0.6283, the worst of all numbers). */
export const tanh32 = (k: Kit, f: Fn, x: Code): Code => {
  // Beyond this bound the result rounds to 1.
  const a = bind(f, k.float, k.atMost(k.abs(x), k.f(10)))
  const z = bind(f, k.float, k.mul(a, a))
  const p = polynomialOfPairs(
    k,
    z,
    bind(f, k.float, k.mul(z, z)),
    [-3.33332819422e-1, 1.33314422036e-1, -5.37397155531e-2, 2.06390887954e-2, -5.70498872745e-3].map(k.f),
  )
  const near = k.add(k.mul(k.mul(p, z), a), a)
  const { y, n } = reduced(k, f, bind(f, k.float, k.add(a, a)))
  const e = k.mul(y, k.fromBits(k.shl(k.subInt(n, k.i(127n)), 23)))
  const far = k.sub(k.f(1), k.div(k.f(2), k.add(e, k.f(1))))
  const magnitude = k.pick(k.less(a, k.f(0.625)), near, far)
  return k.fromBits(k.or(k.bits(magnitude), k.and(k.bits(x), k.i(-0x80000000n))))
}
