/** Argument reduction of sin and cos that is exact for every finite float64, by 192 bits of 2/pi (Payne and Hanek). */
import { bind, call, f64, get, i32, i64 } from "./assembly.js"
import { type Code, F64, I32, I64, type ModuleBuilder } from "./emitter.js"

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
export const reduceExactly = (m: ModuleBuilder): number => {
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
