/**
 * Arithmetic on floats and on their bits in four forms: an element or a vector, of float32 or of float64. A function written in these
 * terms, without branches, gives the same bits in both forms of a precision.
 */
import { binary, i32, simd, unary } from "./assembly.js"
import { type Code, F32, F64, I32, I64, type Opcode, V128, type ValType } from "./emitter.js"

type Unary = (a: Code) => Code
export type Binary = (a: Code, b: Code) => Code
type Shift = (a: Code, by: number) => Code

export interface Kit {
  readonly float: ValType
  /** The bits of a float, as an integer of its size. */
  readonly int: ValType
  readonly mask: ValType
  readonly f: (value: number) => Code
  readonly i: (value: bigint) => Code
  readonly add: Binary
  readonly sub: Binary
  readonly mul: Binary
  readonly div: Binary
  readonly abs: Unary
  /** The smaller of a float and a bound, the larger; a NaN passes. */
  readonly atMost: Binary
  readonly atLeast: Binary
  /** Masks, for `pick`, `only` and `all`. */
  readonly less: Binary
  readonly lessEqual: Binary
  readonly equal: Binary
  readonly equalInt: Binary
  readonly pick: (mask: Code, a: Code, b: Code) => Code
  /** The float where the mask is set, 0 elsewhere. */
  readonly only: Binary
  /** 0 where the mask is set, the float elsewhere. */
  readonly except: Binary
  readonly both: Binary
  /** An i32: whether a mask is set everywhere. */
  readonly all: Unary
  readonly bits: Unary
  readonly fromBits: Unary
  /** The bits above the fraction as a signed number, in float. */
  readonly exponent: Unary
  readonly addInt: Binary
  readonly subInt: Binary
  readonly and: Binary
  readonly or: Binary
  readonly xor: Binary
  readonly shl: Shift
  /** Fills with zeros. */
  readonly shr: Shift
}

const ternary =
  (opcode: Opcode) =>
  (mask: Code, a: Code, b: Code): Code =>
  (f) => {
    a(f)
    b(f)
    mask(f)
    f.op(opcode)
  }

const shift =
  (opcode: Opcode, count: (by: number) => Code): Shift =>
  (a, by) =>
  (f) => {
    a(f)
    count(by)(f)
    f.op(opcode)
  }

const byI32 =
  (by: number): Code =>
  (f) =>
    f.i32(by)
const byI64 =
  (by: number): Code =>
  (f) =>
    f.i64(BigInt(by))

const same: Unary = (a) => a

const scalarPick = ternary([0x1b])
const vectorPick = ternary(simd(82))

const f32 =
  (value: number): Code =>
  (f) =>
    f.f32(value)
const f64 =
  (value: number): Code =>
  (f) =>
    f.f64(value)

export const scalar32: Kit = {
  float: F32,
  int: I32,
  mask: I32,
  f: f32,
  i: (value) => (f) => f.i32(Number(value)),
  add: binary([0x92]),
  sub: binary([0x93]),
  mul: binary([0x94]),
  div: binary([0x95]),
  abs: unary([0x8b]),
  atMost: binary([0x96]),
  atLeast: binary([0x97]),
  less: binary([0x5d]),
  lessEqual: binary([0x5f]),
  equal: binary([0x5b]),
  equalInt: binary([0x46]),
  pick: scalarPick,
  only: (mask, a) => scalarPick(mask, a, f32(0)),
  except: (mask, a) => scalarPick(mask, f32(0), a),
  both: binary([0x71]),
  all: same,
  bits: unary([0xbc]),
  fromBits: unary([0xbe]),
  exponent: (bits) => unary([0xb2])(shift([0x75], byI32)(bits, 23)),
  addInt: binary([0x6a]),
  subInt: binary([0x6b]),
  and: binary([0x71]),
  or: binary([0x72]),
  xor: binary([0x73]),
  shl: shift([0x74], byI32),
  shr: shift([0x76], byI32),
}

export const scalar64: Kit = {
  float: F64,
  int: I64,
  mask: I32,
  f: f64,
  i: (value) => (f) => f.i64(value),
  add: binary([0xa0]),
  sub: binary([0xa1]),
  mul: binary([0xa2]),
  div: binary([0xa3]),
  abs: unary([0x99]),
  atMost: binary([0xa4]),
  atLeast: binary([0xa5]),
  less: binary([0x63]),
  lessEqual: binary([0x65]),
  equal: binary([0x61]),
  equalInt: binary([0x51]),
  pick: scalarPick,
  only: (mask, a) => scalarPick(mask, a, f64(0)),
  except: (mask, a) => scalarPick(mask, f64(0), a),
  both: binary([0x71]),
  all: same,
  bits: unary([0xbd]),
  fromBits: unary([0xbf]),
  exponent: (bits) => unary([0xb9])(shift([0x87], byI64)(bits, 52)),
  addInt: binary([0x7c]),
  subInt: binary([0x7d]),
  and: binary([0x83]),
  or: binary([0x84]),
  xor: binary([0x85]),
  shl: shift([0x86], byI64),
  shr: shift([0x88], byI64),
}

/** By the sign bits of the lanes, which are fewer instructions than a test of whole lanes. */
const everywhere =
  (signs: Opcode, lanes: number): Unary =>
  (mask) =>
    i32.eq(unary(signs)(mask), i32.const(lanes))

/** What both vector forms share. */
const vector = {
  float: V128,
  int: V128,
  mask: V128,
  pick: vectorPick,
  only: binary(simd(78)),
  except: (mask: Code, a: Code) => binary(simd(79))(a, mask),
  both: binary(simd(78)),
  bits: same,
  fromBits: same,
  and: binary(simd(78)),
  or: binary(simd(80)),
  xor: binary(simd(81)),
} as const

export const vector32: Kit = {
  ...vector,
  f: (value) => (f) => f.v128(new Uint8Array(new Float32Array(4).fill(value).buffer)),
  i: (value) => (f) => f.v128(new Uint8Array(new Int32Array(4).fill(Number(value)).buffer)),
  add: binary(simd(228)),
  sub: binary(simd(229)),
  mul: binary(simd(230)),
  div: binary(simd(231)),
  abs: unary(simd(224)),
  atMost: binary(simd(234)),
  atLeast: binary(simd(235)),
  less: binary(simd(67)),
  lessEqual: binary(simd(69)),
  equal: binary(simd(65)),
  equalInt: binary(simd(55)),
  all: everywhere(simd(164), 15),
  exponent: (bits) => unary(simd(250))(shift(simd(172), byI32)(bits, 23)),
  addInt: binary(simd(174)),
  subInt: binary(simd(177)),
  shl: shift(simd(171), byI32),
  shr: shift(simd(173), byI32),
}

const int64 =
  (value: bigint): Code =>
  (f) =>
    f.v128(new Uint8Array(new BigInt64Array(2).fill(value).buffer))

const arithmetic64 = {
  f:
    (value: number): Code =>
    (f) =>
      f.v128(new Uint8Array(new Float64Array(2).fill(value).buffer)),
  sub: binary(simd(241)),
  addInt: binary(simd(206)),
  shr: shift(simd(205), byI32),
} as const

export const vector64: Kit = {
  ...vector,
  ...arithmetic64,
  i: int64,
  add: binary(simd(240)),
  mul: binary(simd(242)),
  div: binary(simd(243)),
  abs: unary(simd(236)),
  atMost: binary(simd(246)),
  atLeast: binary(simd(247)),
  less: binary(simd(73)),
  lessEqual: binary(simd(75)),
  equal: binary(simd(71)),
  equalInt: binary(simd(214)),
  all: everywhere(simd(196), 3),
  // No instruction turns 64-bit integers to floats: they are written into the fraction of 2^52. A bias makes them positive.
  exponent: (bits) => {
    const biased = arithmetic64.shr(arithmetic64.addInt(bits, int64(1023n << 52n)), 52)
    return arithmetic64.sub(vector.or(biased, arithmetic64.f(2 ** 52)), arithmetic64.f(2 ** 52 + 1023))
  },
  subInt: binary(simd(209)),
  shl: shift(simd(203), byI32),
}

/** By precision, for an element and for a vector. */
export const kits = { float32: { scalar: scalar32, vector: vector32 }, float64: { scalar: scalar64, vector: vector64 } } as const
