/**
 * exp, log and tanh in float32, written so that one text serves an element and a vector of four: both give the
 * same bits. Polynomials of Cephes (expf, logf, tanhf).
 */
import { assign, at, binary, bind, polynomialOfPairs, simd } from "./assembly.js"
import type { Code, Fn } from "./emitter.js"
import { type Binary, type Kit, vector32 } from "./kits.js"
import type { Logarithm } from "./logarithm.js"

/** `n ln 2` is exact with the high part: n has 8 bits, this 10. */
const ln2High = 0.693359375
const ln2Low = -2.1219444e-4

/** Added to a float, it leaves the nearest whole number n in the last bits, as n + bias. The bits above fall off where those are shifted into place. */
const rounder = (bias: number): number => 1.5 * 2 ** 23 + bias

interface Reduced {
  /** e^r - 1 where x = n ln 2 + r. */
  readonly tail: Code
  /** The bits of n + `rounder(bias)`. */
  readonly n: Code
}

/** The polynomial of (e^r - 1 - r) / r^2 for |r| <= ln 2 / 2 is off by at most 2^-28 of e^r (fitted by least squares whose weights follow the error). */
const reduced = (k: Kit, f: Fn, x: Code, bias: number): Reduced => {
  const t = bind(f, k.float, k.add(k.mul(x, k.f(Math.LOG2E)), k.f(rounder(bias))))
  const n = bind(f, k.float, k.sub(t, k.f(rounder(bias))))
  const r = bind(f, k.float, k.sub(k.sub(x, k.mul(n, k.f(ln2High))), k.mul(n, k.f(ln2Low))))
  const square = bind(f, k.float, k.mul(r, r))
  const p = polynomialOfPairs(
    k,
    r,
    square,
    [0.4999999344777579, 0.1666652063158806, 0.04166838804944932, 0.008368716890991428, 0.0013814598447277962].map(k.f),
  )
  return { tail: k.add(k.mul(p, square), r), n: bind(f, k.int, k.bits(t)) }
}

/** Below, e^x rounds to 0. That is chosen and not computed: processors take a hundred cycles for a result that is subnormal or rounds to 0. */
const least = -104

/** Error below 1.01 ulp, subnormal results included. */
export const exp32 =
  (k: Kit, f: Fn, x: Code): Code =>
  () => {
    k.all(k.lessEqual(k.abs(x), k.f(87)))(f)
    f.if(
      k.float,
      () => expOfNormal(k, f, x)(f),
      () => expOfAny(k, f, x)(f),
    )
  }

/** |n| for which 2^n is a normal number and one half. */
const mostNormal = 125
/** The bits of `rounder(0)`: n added to the number is n added to its bits. */
const rounderBits = 0x4b400000n
/** Of signed integers. */
const [less, smaller, larger] = [57, 182, 184].map((op) => binary(simd(op))) as [Binary, Binary, Binary]

/**
 * Of several vectors, put into locals, with the same bits. All are computed as if their results were normal; one test of all the n, NaN
 * among them, says whether they were. Nothing is a call here: around one, engines keep no vectors in registers.
 */
export const exps32 = (f: Fn, xs: readonly Code[], results: readonly number[]): void => {
  const k = vector32
  const ns = xs.map((x, i) => {
    const { tail, n } = reduced(k, f, x, 0)
    assign(f, at(results, i), scaled(k, tail, n))
    return n
  })
  const least = ns.reduce((a, b) => bind(f, k.int, smaller(a, b)))
  const most = ns.reduce((a, b) => bind(f, k.int, larger(a, b)))
  const beyond = BigInt(mostNormal + 1)
  k.all(k.both(less(k.i(rounderBits - beyond), least), less(most, k.i(rounderBits + beyond))))(f)
  f.op([0x45])
  f.if(null, () => xs.forEach((x, i) => void assign(f, at(results, i), expOfAny(k, f, x))))
}

/** Where results are normal, n is added to their exponents. */
const expOfNormal = (k: Kit, f: Fn, x: Code): Code => {
  const { tail, n } = reduced(k, f, x, 0)
  return scaled(k, tail, n)
}

/** (1 + tail) 2^n for normal results. */
const scaled = (k: Kit, tail: Code, n: Code): Code => k.fromBits(k.addInt(k.bits(k.add(tail, k.f(1))), k.shl(n, 23)))

/** Of any number, with the same bits. */
const expOfAny = (k: Kit, f: Fn, x: Code): Code => {
  const gone = bind(f, k.mask, k.less(x, k.f(least)))
  // Above 89 the result is infinite.
  const c = bind(f, k.float, k.except(gone, k.atMost(x, k.f(89))))
  // twice the bias of an exponent, so that halves of n are biased exponents
  const { tail, n } = reduced(k, f, c, 254)
  // 2^n in two factors, so that results beyond 2^127 and subnormal ones are reached.
  const half = bind(f, k.int, k.shr(n, 1))
  const power = (e: Code): Code => k.fromBits(k.shl(e, 23))
  return k.except(gone, k.mul(k.mul(k.add(tail, k.f(1)), power(half)), power(k.subInt(n, half))))
}

/** e^-|x|, with the bits of e^x: a factor of 2^64 keeps what is scaled normal. */
export const decay32 = (k: Kit, f: Fn, x: Code): Code => {
  const c = bind(f, k.float, k.fromBits(k.or(k.bits(x), k.i(-0x80000000n))))
  const { tail, n } = reduced(k, f, c, 64)
  const power = k.fromBits(k.addInt(k.bits(k.add(tail, k.f(1))), k.shl(n, 23)))
  return k.mul(k.except(k.less(c, k.f(least)), power), k.f(2 ** -64))
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

/** Error below 2.7 ulp (2.66 at 0.0602, the worst of all numbers). By e^(2 |x|) - 1 = m, as m / (m + 2), which keeps its digits near 0 and is never above 1. */
export const tanh32 = (k: Kit, f: Fn, x: Code): Code => {
  // Beyond this bound the result rounds to 1.
  const a = bind(f, k.float, k.atMost(k.abs(x), k.f(10)))
  const { tail, n } = reduced(k, f, bind(f, k.float, k.add(a, a)), 127)
  const power = bind(f, k.float, k.fromBits(k.shl(n, 23)))
  const m = bind(f, k.float, k.add(k.mul(tail, power), k.sub(power, k.f(1))))
  const magnitude = k.div(m, k.add(m, k.f(2)))
  return k.fromBits(k.or(k.bits(magnitude), k.and(k.bits(x), k.i(-0x80000000n))))
}
