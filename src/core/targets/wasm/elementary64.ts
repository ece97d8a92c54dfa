/**
 * exp, log and tanh in float64, without branches, so that one text serves an element and a vector of two: both give the same
 * bits. After fdlibm (Sun Microsystems, freely distributable).
 */
import { bind, polynomial } from "./assembly.js"
import type { Code, Fn } from "./emitter.js"
import type { Kit } from "./kits.js"
import type { Logarithm } from "./logarithm.js"

const ln2High = 6.9314718036912381649e-1
const ln2Low = 1.90821492927058770002e-10

/** As in float32: leaves n + 2046 in the last bits, twice the bias of an exponent. */
const rounder = 1.5 * 2 ** 52 + 2046

interface Reduced {
  /** The bits of n + `rounder`. */
  readonly n: Code
  /** x - n ln 2, in two parts to subtract, and as one float. */
  readonly high: Code
  readonly low: Code
  readonly r: Code
}

const reduce = (k: Kit, f: Fn, x: Code): Reduced => {
  const t = bind(f, k.float, k.add(k.mul(x, k.f(Math.LOG2E)), k.f(rounder)))
  const n = bind(f, k.float, k.sub(t, k.f(rounder)))
  const high = bind(f, k.float, k.sub(x, k.mul(n, k.f(ln2High))))
  const low = bind(f, k.float, k.mul(n, k.f(ln2Low)))
  return { n: bind(f, k.int, k.bits(t)), high, low, r: bind(f, k.float, k.sub(high, low)) }
}

const power = (k: Kit, e: Code): Code => k.fromBits(k.shl(e, 52))

/** Error below 1 ulp, subnormal results included (0.90 seen). */
export const exp64 = (k: Kit, f: Fn, x: Code): Code => {
  // As in float32: what rounds to 0 is chosen. Above 710 the result is infinite.
  const gone = bind(f, k.mask, k.less(x, k.f(-746)))
  const c = bind(f, k.float, k.except(gone, k.atMost(x, k.f(710))))
  const { n, high, low, r } = reduce(k, f, c)
  const t = bind(f, k.float, k.mul(r, r))
  const p = polynomial(
    k,
    t,
    [
      1.66666666666666019037e-1, -2.77777777770155933842e-3, 6.61375632143793436117e-5, -1.6533902205465251539e-6,
      4.13813679705723846039e-8,
    ].map(k.f),
  )
  const q = bind(f, k.float, k.sub(r, k.mul(t, p)))
  const y = k.sub(k.f(1), k.sub(k.sub(low, k.div(k.mul(r, q), k.sub(k.f(2), q))), high))
  // 2^n in two factors, so that results beyond 2^1023 and subnormal ones are reached.
  const half = bind(f, k.int, k.shr(n, 1))
  return k.except(gone, k.mul(k.mul(y, power(k, half)), power(k, k.subInt(n, half))))
}

/** e^-|x|, with the bits of `exp64`. */
export const decay64 = (k: Kit, f: Fn, x: Code): Code => exp64(k, f, k.fromBits(k.or(k.bits(x), k.i(-1n << 63n))))

/** log(x 2^-shift) for normal numbers. */
const logOfNormal = (k: Kit, f: Fn, x: Code, shift: Code | null): Code => {
  // x = m 2^e with sqrt(1/2) <= m < sqrt(2); those are the high bits of sqrt(1/2).
  const sqrtHalf = k.i(0x3fe6a09en << 32n)
  const bits = bind(f, k.int, k.subInt(k.bits(x), sqrtHalf))
  const exponent = k.exponent(bits)
  const e = bind(f, k.float, shift === null ? exponent : k.sub(exponent, shift))
  const m = bind(f, k.float, k.sub(k.fromBits(k.addInt(k.and(bits, k.i((1n << 52n) - 1n)), sqrtHalf)), k.f(1)))
  const s = bind(f, k.float, k.div(m, k.add(m, k.f(2))))
  const z = bind(f, k.float, k.mul(s, s))
  const w = bind(f, k.float, k.mul(z, z))
  const even = polynomial(k, w, [3.999999999940941908e-1, 2.222219843214978396e-1, 1.531383769920937332e-1].map(k.f))
  const odd = polynomial(k, w, [6.66666666666673513e-1, 2.857142874366239149e-1, 1.818357216161805012e-1, 1.479819860510658591e-1].map(k.f))
  const rest = k.add(k.mul(w, even), k.mul(z, odd))
  const square = bind(f, k.float, k.mul(k.f(0.5), k.mul(m, m)))
  const correction = k.add(k.mul(s, k.add(square, rest)), k.mul(e, k.f(ln2Low)))
  return k.sub(k.mul(e, k.f(ln2High)), k.sub(k.sub(square, correction), m))
}

/** Error below 0.8 ulp, of subnormal numbers too (0.75 seen). */
export const log64: Logarithm = { least: 2 ** -1022, shift: 54, ofNormal: logOfNormal }

/** e^x - 1 without cancellation, for 0 <= x <= 44, and what it lacks. */
const expm1 = (k: Kit, f: Fn, x: Code): { readonly head: Code; readonly tail: Code } => {
  const { n, high, low, r } = reduce(k, f, x)
  const c = bind(f, k.float, k.sub(k.sub(high, r), low))
  const halfR = bind(f, k.float, k.mul(k.f(0.5), r))
  const s = bind(f, k.float, k.mul(r, halfR))
  const q = bind(
    f,
    k.float,
    polynomial(
      k,
      s,
      [
        1, -3.33333333333331316428e-2, 1.58730158725481460165e-3, -7.93650757867487942473e-5, 4.00821782732936239552e-6,
        -2.01099218183624371326e-7,
      ].map(k.f),
    ),
  )
  const t = bind(f, k.float, k.sub(k.f(3), k.mul(q, halfR)))
  const e = bind(f, k.float, k.mul(s, k.div(k.sub(q, t), k.sub(k.f(6), k.mul(r, t)))))
  // e^r - 1 = r - rest, so e^x - 1 = 2^n ((1 - 2^-n) + r - rest)
  const rest = bind(f, k.float, k.sub(k.sub(k.mul(r, k.sub(e, c)), c), s))
  const scale = bind(f, k.float, power(k, k.subInt(n, k.i(1023n))))
  // the last bits of n are n + 2046: taken from 3 * 1023 they leave the biased exponent of 2^-n
  const missing = bind(f, k.float, k.sub(k.f(1), power(k, k.subInt(k.i(3n * 1023n), n))))
  const u = bind(f, k.float, k.add(missing, r))
  const v = bind(f, k.float, k.sub(u, rest))
  const lost = k.add(k.sub(k.sub(u, v), rest), k.sub(r, k.sub(u, missing)))
  return { head: bind(f, k.float, k.mul(scale, v)), tail: bind(f, k.float, k.mul(scale, lost)) }
}

/** (e^2a - 1) / (e^2a + 1), with a correction for the rounding of both. Error below 1.2 ulp (1.06 seen). */
export const tanh64 = (k: Kit, f: Fn, x: Code): Code => {
  // Beyond this bound the result rounds to 1.
  const a = bind(f, k.float, k.atMost(k.abs(x), k.f(22)))
  const { head, tail } = expm1(k, f, bind(f, k.float, k.add(a, a)))
  const d = bind(f, k.float, k.add(head, k.f(2)))
  const dTail = k.add(k.sub(head, k.sub(d, k.f(2))), tail)
  const q = bind(f, k.float, k.div(head, d))
  const magnitude = k.add(q, k.div(k.sub(tail, k.mul(q, dTail)), d))
  return k.fromBits(k.or(k.bits(magnitude), k.and(k.bits(x), k.i(-1n << 63n))))
}
