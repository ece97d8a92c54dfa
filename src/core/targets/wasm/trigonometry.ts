/**
 * sin and cos in float64, after fdlibm, with an argument reduction that is exact for every finite argument: three parts of
 * pi/2 for moderate ones, and 192 bits of 2/pi for large ones and for those next to a multiple of pi/2 (Payne and Hanek).
 */
import { assign, bind, call, f64, get, i32, i64, polynomial } from "./assembly.js"
import { type Code, F64, type Fn, I32, I64, type ModuleBuilder } from "./emitter.js"

/** 64 zero bits, then the bits of 2/pi after the binary point. */
const twoOverPi = [
  0x0n,
  0xa2f9836e4e441529n,
  0xfc2757d1f534ddc0n,
  0xdb6295993c439041n,
  0xfe5163abdebbc561n,
  0xb7246e3a424dd2e0n,
  0x06492eea09d1921cn,
  0xfe1deb1cb129a73en,
  0xe88235f52ebb4484n,
  0xe99c7026b45f7e41n,
  0x3991d639835339f4n,
  0x9c845f8bbdf9283bn,
  0x1ff897ffde05980fn,
  0xef2f118b5a0a6d1fn,
  0x6d367ecf27cb09b7n,
  0x4f463f669e5fea2dn,
  0x7527bac7ebe5f17bn,
  0x3d0739f78a5292ean,
  0x6bfb5fb11f8d5d08n,
  0x56033046fc7b6babn,
]

const piOver2 = [1.5707963267948966, 6.123233995736766e-17] as const

const constants = (values: readonly number[]): readonly Code[] => values.map(f64.const)

/** The high half of a 128-bit product. */
const multiplyHigh = (m: ModuleBuilder): number =>
  m.fn([I64, I64], [I64], (f) => {
    const low = (x: Code): Code => i64.and(x, i64.const(0xffffffffn))
    const high = (x: Code): Code => i64.shrU(x, i64.const(32n))
    const [a, b] = [get(0), get(1)]
    const cross = bind(f, I64, i64.add(i64.mul(high(a), low(b)), high(i64.mul(low(a), low(b)))))
    const other = bind(f, I64, i64.add(i64.mul(low(a), high(b)), low(cross)))
    i64.add(i64.add(i64.mul(high(a), high(b)), high(cross)), high(other))(f)
  })

/** |x| = (n + fraction) pi/2 by 192 bits of 2/pi: gives the two parts of the fraction times pi/2, and n mod 4. For |x| >= 1. */
const reduceExactly = (m: ModuleBuilder): number => {
  const word = m.fn([I32], [I64], (f) => {
    f.switch(
      get(0),
      twoOverPi.map((bits) => (g) => {
        g.i64(bits)
        g.return()
      }),
    )
  })
  const high = multiplyHigh(m)
  return m.fn([F64], [F64, F64, I32], (f) => {
    const bits = bind(f, I64, i64.bits(f64.abs(get(0))))
    const mantissa = bind(f, I64, i64.or(i64.and(bits, i64.const((1n << 52n) - 1n)), i64.const(1n << 52n)))
    // |x| = mantissa 2^e; bits of 2/pi before e - 2 give multiples of 4, and the table starts with 64 zeros
    const start = bind(f, I32, i32.sub(i32.wrap(i64.shrU(bits, i64.const(52n))), i32.const(1075 + 2 - 64)))
    const index = bind(f, I32, i32.shr(start, i32.const(6)))
    const shift = bind(f, I64, i64.extendU(i32.and(start, i32.const(63))))
    const words = [0, 1, 2, 3].map((i) => bind(f, I64, call(word, i32.add(index, i32.const(i)))))
    const window = (i: number): Code => {
      const [a, b] = [words[i] as Code, words[i + 1] as Code]
      // a shift by 64 is one by 0, hence the two steps
      return i64.or(i64.shl(a, shift), i64.shrU(i64.shrU(b, i64.const(1n)), i64.sub(i64.const(63n), shift)))
    }
    const [v0, v1, v2] = [0, 1, 2].map((i) => bind(f, I64, window(i))) as [Code, Code, Code]
    const low = bind(f, I64, i64.mul(mantissa, v2))
    const product = bind(f, I64, i64.mul(mantissa, v1))
    const middle = bind(f, I64, i64.add(product, call(high, mantissa, v2)))
    const carry = i64.extendU(i64.ltU(middle, product))
    const top = bind(f, I64, i64.add(i64.add(i64.mul(mantissa, v0), call(high, mantissa, v1)), carry))

    const quadrant = bind(f, I64, i64.shrU(top, i64.const(62n)))
    const two = i64.const(2n)
    const sixtyTwo = i64.const(62n)
    const fraction = bind(f, I64, i64.or(i64.shl(top, two), i64.shrU(middle, sixtyTwo)))
    const rest = bind(f, I64, i64.or(i64.shl(middle, two), i64.shrU(low, sixtyTwo)))
    // a fraction of a half or more counts from the next multiple, as a negative one: its complement, to 128 bits
    const sign = bind(f, I64, i64.shr(fraction, i64.const(63n)))
    const n = i32.wrap(i64.sub(quadrant, sign))
    const a = bind(f, I64, i64.xor(fraction, sign))
    const b = bind(f, I64, i64.xor(rest, sign))
    const zeros = bind(f, I64, i64.clz(a))
    const leading = bind(f, I64, i64.or(i64.shl(a, zeros), i64.shrU(i64.shrU(b, i64.const(1n)), i64.sub(i64.const(63n), zeros))))
    const trailing = i64.shl(b, zeros)
    const exponent = i64.shl(i64.sub(i64.const(1023n - 64n), zeros), i64.const(52n))
    const scale = bind(f, F64, f64.fromBits(i64.or(exponent, i64.shl(sign, i64.const(63n)))))
    const head = bind(f, F64, f64.fromI64U(i64.and(leading, i64.const(-0x800n))))
    const tail = bind(
      f,
      F64,
      f64.add(f64.fromI64U(i64.and(leading, i64.const(0x7ffn))), f64.mul(f64.fromI64U(trailing), f64.const(2 ** -64))),
    )
    // (head + tail) pi/2 with Dekker's exact product of the leading parts
    const split = (x: Code): readonly [Code, Code] => {
      const c = bind(f, F64, f64.mul(x, f64.const(2 ** 27 + 1)))
      const upper = bind(f, F64, f64.sub(c, f64.sub(c, x)))
      return [upper, bind(f, F64, f64.sub(x, upper))]
    }
    const pi = f64.const(piOver2[0])
    const y = bind(f, F64, f64.mul(head, pi))
    const [h1, h2] = split(head)
    const [p1, p2] = split(pi)
    const error = f64.add(f64.add(f64.add(f64.sub(f64.mul(h1, p1), y), f64.mul(h1, p2)), f64.mul(h2, p1)), f64.mul(h2, p2))
    const yRest = bind(f, F64, f64.add(error, f64.add(f64.mul(head, f64.const(piOver2[1])), f64.mul(tail, pi))))
    const sum = bind(f, F64, f64.add(y, yRest))
    f64.mul(sum, scale)(f)
    f64.mul(f64.add(f64.sub(y, sum), yRest), scale)(f)
    n(f)
  })
}

/** The same for every a >= 0 that is finite. */
const reduce = (m: ModuleBuilder): number => {
  const exactly = reduceExactly(m)
  return m.fn([F64], [F64, F64, I32], (f) => {
    const a = get(0)
    const n = bind(f, F64, f64.nearest(f64.mul(a, f64.const(6.3661977236758138e-1))))
    // 33 bits of pi/2, 33 more, and the rest: products of the first two with n below 2^20 are exact
    const t = bind(f, F64, f64.sub(a, f64.mul(n, f64.const(1.57079632673412561417))))
    const w = bind(f, F64, f64.mul(n, f64.const(6.0771005063039659766e-11)))
    const r = bind(f, F64, f64.sub(t, w))
    const rest = bind(f, F64, f64.sub(f64.mul(n, f64.const(2.02226624879595063154e-21)), f64.sub(f64.sub(t, r), w)))
    const y = bind(f, F64, f64.sub(r, rest))
    const large = f64.gt(a, f64.const(1e6))
    const cancelled = i32.and(f64.lt(f64.abs(y), f64.const(2 ** -20)), f64.gt(n, f64.const(0)))
    i32.or(large, cancelled)(f)
    f.if(null, () => {
      call(exactly, a)(f)
      f.return()
    })
    y(f)
    f64.sub(f64.sub(r, y), rest)(f)
    f64.toI32(n)(f)
  })
}

/** sin of y + rest, both within pi/4 of 0. */
const sinNear = (f: Fn, y: Code, rest: Code): Code => {
  const z = bind(f, F64, f64.mul(y, y))
  const p = polynomial(
    f64,
    z,
    constants([
      8.33333333332248946124e-3, -1.98412698298579493134e-4, 2.75573137070700676789e-6, -2.50507602534068634195e-8,
      1.58969099521155010221e-10,
    ]),
  )
  const cube = bind(f, F64, f64.mul(z, y))
  const tail = f64.sub(f64.mul(z, f64.sub(f64.mul(f64.const(0.5), rest), f64.mul(cube, p))), rest)
  return f64.sub(y, f64.sub(tail, f64.mul(cube, f64.const(-1.66666666666666324348e-1))))
}

const cosNear = (f: Fn, y: Code, rest: Code): Code => {
  const z = bind(f, F64, f64.mul(y, y))
  const p = polynomial(
    f64,
    z,
    constants([
      4.16666666666666019037e-2, -1.38888888888741095749e-3, 2.48015872894767294178e-5, -2.75573143513906633035e-7,
      2.0875723212981748279e-9, -1.13596475577881948265e-11,
    ]),
  )
  const half = bind(f, F64, f64.mul(f64.const(0.5), z))
  const w = bind(f, F64, f64.sub(f64.const(1), half))
  const small = f64.sub(f64.mul(z, f64.mul(z, p)), f64.mul(y, rest))
  return f64.add(w, f64.add(f64.sub(f64.sub(f64.const(1), w), half), small))
}

/** sin and cos of one float64, as the indices of two functions. */
export const trigonometry = (m: ModuleBuilder): { readonly sin: number; readonly cos: number } => {
  const reduction = reduce(m)
  // sin(|x| + turns pi/2)
  const turned = m.fn([F64, I32], [F64], (f) => {
    const [y, rest, n] = [f.local(F64), f.local(F64), f.local(I32)]
    call(reduction, get(0))(f)
    f.set(n)
    f.set(rest)
    f.set(y)
    assign(f, n, i32.add(get(n), get(1)))
    i32.and(get(n), i32.const(1))(f)
    f.if(
      F64,
      () => cosNear(f, get(y), get(rest))(f),
      () => sinNear(f, get(y), get(rest))(f),
    )
    f64.fromI32(i32.sub(i32.const(1), i32.and(get(n), i32.const(2))))(f)
    f.op([0xa2])
  })
  const guarded = (f: Fn, value: Code): void => {
    f64.lt(f64.abs(get(0)), f64.const(Infinity))(f)
    f.if(
      F64,
      () => value(f),
      () => f.f64(NaN),
    )
  }
  return {
    sin: m.fn([F64], [F64], (f) => guarded(f, f64.mul(call(turned, f64.abs(get(0)), i32.const(0)), f64.copysign(f64.const(1), get(0))))),
    cos: m.fn([F64], [F64], (f) => guarded(f, call(turned, f64.abs(get(0)), i32.const(1)))),
  }
}
