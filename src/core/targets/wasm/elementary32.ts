/**
 * exp, log and tanh in float32, without branches, so that one text serves an element and a vector of four: both give the
 * same bits. Polynomials of Cephes (expf, logf, tanhf); within 2 ulp.
 */
import { binary, bind, polynomial, simd, unary } from "./assembly.js"
import { type Code, F32, type Fn, I32, V128, type ValType } from "./emitter.js"

type Unary = (a: Code) => Code
type Binary = (a: Code, b: Code) => Code

/** Arithmetic on floats and on their bits that both forms have. */
interface Kit {
  readonly float: ValType
  readonly int: ValType
  readonly f: (value: number) => Code
  readonly i: (value: number) => Code
  readonly add: Binary
  readonly sub: Binary
  readonly mul: Binary
  readonly div: Binary
  readonly max: Binary
  readonly min: Binary
  readonly nearest: Unary
  readonly abs: Unary
  readonly less: Binary
  readonly equal: Binary
  readonly pick: (mask: Code, a: Code, b: Code) => Code
  readonly bits: Unary
  readonly fromBits: Unary
  readonly toInt: Unary
  readonly fromInt: Unary
  readonly addInt: Binary
  readonly subInt: Binary
  readonly and: Binary
  readonly or: Binary
  readonly shl: (a: Code, by: number) => Code
  readonly shr: (a: Code, by: number) => Code
}

const ternary =
  (opcode: readonly number[], first: "mask" | "value") =>
  (mask: Code, a: Code, b: Code): Code =>
  (f) => {
    if (first === "mask") mask(f)
    a(f)
    b(f)
    if (first === "value") mask(f)
    f.op(opcode)
  }

const shifted =
  (opcode: readonly number[]) =>
  (a: Code, by: number): Code =>
  (f) => {
    a(f)
    f.i32(by)
    f.op(opcode)
  }

export const scalarKit: Kit = {
  float: F32,
  int: I32,
  f: (value) => (f) => f.f32(value),
  i: (value) => (f) => f.i32(value),
  add: binary([0x92]),
  sub: binary([0x93]),
  mul: binary([0x94]),
  div: binary([0x95]),
  min: binary([0x96]),
  max: binary([0x97]),
  nearest: unary([0x90]),
  abs: unary([0x8b]),
  less: binary([0x5d]),
  equal: binary([0x5b]),
  pick: ternary([0x1b], "value"),
  bits: unary([0xbc]),
  fromBits: unary([0xbe]),
  toInt: unary([0xfc, 0]),
  fromInt: unary([0xb2]),
  addInt: binary([0x6a]),
  subInt: binary([0x6b]),
  and: binary([0x71]),
  or: binary([0x72]),
  shl: shifted([0x74]),
  shr: shifted([0x75]),
}

const same: Unary = (a) => a

export const vectorKit: Kit = {
  float: V128,
  int: V128,
  f: (value) => (f) => f.v128(new Uint8Array(new Float32Array(4).fill(value).buffer)),
  i: (value) => (f) => f.v128(new Uint8Array(new Int32Array(4).fill(value).buffer)),
  add: binary(simd(228)),
  sub: binary(simd(229)),
  mul: binary(simd(230)),
  div: binary(simd(231)),
  min: binary(simd(232)),
  max: binary(simd(233)),
  nearest: unary(simd(106)),
  abs: unary(simd(224)),
  less: binary(simd(67)),
  equal: binary(simd(65)),
  pick: ternary(simd(82), "value"),
  bits: same,
  fromBits: same,
  toInt: unary(simd(248)),
  fromInt: unary(simd(250)),
  addInt: binary(simd(174)),
  subInt: binary(simd(177)),
  and: binary(simd(78)),
  or: binary(simd(80)),
  shl: shifted(simd(171)),
  shr: shifted(simd(172)),
}

/** `n ln 2` is exact with the high part: n has 8 bits, this 10. */
const ln2High = 0.693359375
const ln2Low = -2.1219444e-4

export const exp32 = (k: Kit, f: Fn, x: Code): Code => {
  // Beyond these bounds the result is infinite or rounds to 0; min and max let a NaN through.
  const c = bind(f, k.float, k.max(k.min(x, k.f(89)), k.f(-104)))
  const n = bind(f, k.float, k.nearest(k.mul(c, k.f(Math.LOG2E))))
  const r = bind(f, k.float, k.sub(k.sub(c, k.mul(n, k.f(ln2High))), k.mul(n, k.f(ln2Low))))
  const p = polynomial(k, r, [0.50000001201, 0.16666665459, 4.1665795894e-2, 8.3334519073e-3, 1.3981999507e-3, 1.98756915e-4].map(k.f))
  const y = k.add(k.add(k.mul(k.mul(p, r), r), r), k.f(1))
  // 2^n in two factors, so that results beyond 2^127 and subnormal ones are reached.
  const whole = bind(f, k.int, k.toInt(n))
  const half = bind(f, k.int, k.shr(whole, 1))
  const power = (e: Code): Code => k.fromBits(k.shl(k.addInt(e, k.i(127)), 23))
  return k.mul(k.mul(y, power(half)), power(k.subInt(whole, half)))
}

export const log32 = (k: Kit, f: Fn, x: Code): Code => {
  const subnormal = bind(f, k.int, k.less(x, k.f(2 ** -126)))
  // x = m 2^e with sqrt(1/2) <= m < sqrt(2); those are the bits of sqrt(1/2).
  const sqrtHalf = k.i(0x3f3504f3)
  const bits = bind(f, k.int, k.subInt(k.bits(k.pick(subnormal, k.mul(x, k.f(2 ** 23)), x)), sqrtHalf))
  const e = bind(f, k.float, k.sub(k.fromInt(k.shr(bits, 23)), k.pick(subnormal, k.f(23), k.f(0))))
  const m = bind(f, k.float, k.sub(k.fromBits(k.addInt(k.and(bits, k.i(0x7fffff)), sqrtHalf)), k.f(1)))
  const z = bind(f, k.float, k.mul(m, m))
  const p = polynomial(
    k,
    m,
    [
      3.3333331174e-1, -2.4999993993e-1, 2.0000714765e-1, -1.6668057665e-1, 1.4249322787e-1, -1.2420140846e-1, 1.167699874e-1,
      -1.151461031e-1, 7.0376836292e-2,
    ].map(k.f),
  )
  const tail = k.sub(k.add(k.mul(k.mul(p, m), z), k.mul(e, k.f(ln2Low))), k.mul(z, k.f(0.5)))
  const y = k.add(k.add(m, tail), k.mul(e, k.f(ln2High)))
  const ofPositive = k.pick(k.less(x, k.f(Infinity)), y, x)
  const ofOther = k.pick(k.equal(x, k.f(0)), k.f(-Infinity), k.f(NaN))
  return k.pick(k.less(k.f(0), x), ofPositive, ofOther)
}

export const tanh32 = (k: Kit, f: Fn, x: Code): Code => {
  const a = bind(f, k.float, k.abs(x))
  const z = bind(f, k.float, k.mul(a, a))
  const p = polynomial(k, z, [-3.33332819422e-1, 1.33314422036e-1, -5.37397155531e-2, 2.06390887954e-2, -5.70498872745e-3].map(k.f))
  const near = k.add(k.mul(k.mul(p, z), a), a)
  const e = exp32(k, f, k.add(a, a))
  const far = k.sub(k.f(1), k.div(k.f(2), k.add(e, k.f(1))))
  const magnitude = k.pick(k.less(a, k.f(0.625)), near, far)
  return k.fromBits(k.or(k.bits(magnitude), k.and(k.bits(x), k.i(-0x80000000))))
}
