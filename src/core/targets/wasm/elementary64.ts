/** exp, log and tanh in float64, after fdlibm (Sun Microsystems, freely distributable): exp and log below 1 ulp, tanh below 1.2. */
import { bind, f64, i32, i64, polynomial } from "./assembly.js"
import { type Code, F64, type Fn, I32, I64 } from "./emitter.js"

const constants = (values: readonly number[]): readonly Code[] => values.map(f64.const)

const ln2High = f64.const(6.9314718036912381649e-1)
const ln2Low = f64.const(1.90821492927058770002e-10)

/** `2^e` for -1022 <= e <= 1023. */
const power = (e: Code): Code => f64.fromBits(i64.shl(i64.extend(i32.add(e, i32.const(1023))), i64.const(52n)))

export const exp64 = (f: Fn, x: Code): Code => {
  // Beyond these bounds the result is infinite or rounds to 0; min and max let a NaN through.
  const c = bind(f, F64, f64.max(f64.min(x, f64.const(710)), f64.const(-746)))
  const n = bind(f, F64, f64.nearest(f64.mul(c, f64.const(Math.LOG2E))))
  const high = bind(f, F64, f64.sub(c, f64.mul(n, ln2High)))
  const low = bind(f, F64, f64.mul(n, ln2Low))
  const r = bind(f, F64, f64.sub(high, low))
  const t = bind(f, F64, f64.mul(r, r))
  const p = polynomial(
    f64,
    t,
    constants([
      1.66666666666666019037e-1, -2.77777777770155933842e-3, 6.61375632143793436117e-5, -1.6533902205465251539e-6,
      4.13813679705723846039e-8,
    ]),
  )
  const q = bind(f, F64, f64.sub(r, f64.mul(t, p)))
  const y = f64.sub(f64.const(1), f64.sub(f64.sub(low, f64.div(f64.mul(r, q), f64.sub(f64.const(2), q))), high))
  // 2^n in two factors, so that results beyond 2^1023 and subnormal ones are reached.
  const whole = bind(f, I32, f64.toI32(n))
  const half = bind(f, I32, i32.shr(whole, i32.const(1)))
  return f64.mul(f64.mul(y, power(half)), power(i32.sub(whole, half)))
}

export const log64 = (f: Fn, x: Code): Code => {
  const subnormal = bind(f, I32, f64.lt(x, f64.const(2 ** -1022)))
  // x = m 2^e with sqrt(1/2) <= m < sqrt(2); those are the high bits of sqrt(1/2).
  const sqrtHalf = i64.const(0x3fe6a09en << 32n)
  const scaled: Code = (g) => {
    f64.mul(x, f64.const(2 ** 54))(g)
    x(g)
    subnormal(g)
    g.select(F64)
  }
  const bits = bind(f, I64, i64.sub(i64.bits(scaled), sqrtHalf))
  const e = bind(f, F64, f64.fromI32(i32.sub(i32.wrap(i64.shr(bits, i64.const(52n))), i32.mul(subnormal, i32.const(54)))))
  const m = bind(f, F64, f64.sub(f64.fromBits(i64.add(i64.and(bits, i64.const((1n << 52n) - 1n)), sqrtHalf)), f64.const(1)))
  const s = bind(f, F64, f64.div(m, f64.add(m, f64.const(2))))
  const z = bind(f, F64, f64.mul(s, s))
  const w = bind(f, F64, f64.mul(z, z))
  const even = polynomial(f64, w, constants([3.999999999940941908e-1, 2.222219843214978396e-1, 1.531383769920937332e-1]))
  const odd = polynomial(
    f64,
    w,
    constants([6.66666666666673513e-1, 2.857142874366239149e-1, 1.818357216161805012e-1, 1.479819860511658591e-1]),
  )
  const rest = f64.add(f64.mul(w, even), f64.mul(z, odd))
  const square = bind(f, F64, f64.mul(f64.const(0.5), f64.mul(m, m)))
  const correction = f64.add(f64.mul(s, f64.add(square, rest)), f64.mul(e, ln2Low))
  const y = f64.sub(f64.mul(e, ln2High), f64.sub(f64.sub(square, correction), m))
  return (g) => {
    f64.gt(x, f64.const(0))(g)
    g.if(
      F64,
      () => {
        y(g)
        x(g)
        f64.lt(x, f64.const(Infinity))(g)
        g.select(F64)
      },
      () => {
        // log 0 = -infinity; of a negative number or NaN: NaN
        g.f64(NaN)
        g.f64(-Infinity)
        f64.ne(x, f64.const(0))(g)
        g.select(F64)
      },
    )
  }
}

/** e^x - 1 without cancellation, for 0 <= x <= 2, and what it lacks. */
const expm1OfSmall = (f: Fn, x: Code): { readonly head: Code; readonly tail: Code } => {
  const n = bind(f, F64, f64.nearest(f64.mul(x, f64.const(Math.LOG2E))))
  const high = bind(f, F64, f64.sub(x, f64.mul(n, ln2High)))
  const low = bind(f, F64, f64.mul(n, ln2Low))
  const r = bind(f, F64, f64.sub(high, low))
  const c = bind(f, F64, f64.sub(f64.sub(high, r), low))
  const halfR = bind(f, F64, f64.mul(f64.const(0.5), r))
  const s = bind(f, F64, f64.mul(r, halfR))
  const q = bind(
    f,
    F64,
    polynomial(
      f64,
      s,
      constants([
        1, -3.33333333333331316428e-2, 1.58730158725481460165e-3, -7.93650757867487942473e-5, 4.00821782732936239552e-6,
        -2.01099218183624371326e-7,
      ]),
    ),
  )
  const t = bind(f, F64, f64.sub(f64.const(3), f64.mul(q, halfR)))
  const e = bind(f, F64, f64.mul(s, f64.div(f64.sub(q, t), f64.sub(f64.const(6), f64.mul(r, t)))))
  // e^r - 1 = r - rest, so e^x - 1 = 2^n ((1 - 2^-n) + r - rest)
  const rest = bind(f, F64, f64.sub(f64.sub(f64.mul(r, f64.sub(e, c)), c), s))
  const scale = bind(f, F64, power(f64.toI32(n)))
  const missing = bind(f, F64, f64.sub(f64.const(1), f64.div(f64.const(1), scale)))
  const u = bind(f, F64, f64.add(missing, r))
  const v = bind(f, F64, f64.sub(u, rest))
  const lost = f64.add(f64.sub(f64.sub(u, v), rest), f64.sub(r, f64.sub(u, missing)))
  return { head: bind(f, F64, f64.mul(scale, v)), tail: bind(f, F64, f64.mul(scale, lost)) }
}

/** (e^2a - 1) / (e^2a + 1), with a correction for the rounding of both. */
const tanhBelow1 = (f: Fn, a: Code): Code => {
  const { head, tail } = expm1OfSmall(f, bind(f, F64, f64.add(a, a)))
  const d = bind(f, F64, f64.add(head, f64.const(2)))
  const dTail = f64.add(f64.sub(head, f64.sub(d, f64.const(2))), tail)
  const q = bind(f, F64, f64.div(head, d))
  return f64.add(q, f64.div(f64.sub(tail, f64.mul(q, dTail)), d))
}

/** `exp` is the index of exp on one float64. */
export const tanh64 = (f: Fn, x: Code, exp: (x: Code) => Code): Code => {
  const a = bind(f, F64, f64.abs(x))
  return (g) => {
    f64.lt(a, f64.const(1))(g)
    g.if(
      F64,
      () => f64.copysign(tanhBelow1(g, a), x)(g),
      () => f64.copysign(f64.sub(f64.const(1), f64.div(f64.const(2), f64.add(exp(f64.add(a, a)), f64.const(1)))), x)(g),
    )
  }
}
