/** Instructions as combinators, so that code for WebAssembly reads like the expression that it computes. */
import { type Code, type Fn, I32, type Opcode, type ValType } from "./emitter.js"

export const unary =
  (opcode: Opcode) =>
  (a: Code): Code =>
  (f) => {
    a(f)
    f.op(opcode)
  }

export const binary =
  (opcode: Opcode) =>
  (a: Code, b: Code): Code =>
  (f) => {
    a(f)
    b(f)
    f.op(opcode)
  }

const load =
  (opcode: Opcode) =>
  (address: Code, offset = 0): Code =>
  (f) => {
    address(f)
    f.memory(opcode, offset)
  }

export const simd = (opcode: number): Opcode => (opcode < 0x80 ? [0xfd, opcode] : [0xfd, (opcode & 0x7f) | 0x80, opcode >> 7])

export const get =
  (local: number): Code =>
  (f) =>
    f.get(local)

export const call =
  (index: number, ...args: readonly Code[]): Code =>
  (f) => {
    for (const arg of args) arg(f)
    f.call(index)
  }

/** Evaluates once and keeps the value in a new local. */
export const bind = (f: Fn, type: ValType, value: Code): Code => {
  const local = f.local(type)
  value(f)
  f.set(local)
  return get(local)
}

export const assign = (f: Fn, local: number, value: Code): void => {
  value(f)
  f.set(local)
}

export const i32 = {
  const:
    (value: number): Code =>
    (f) =>
      f.i32(value),
  eqz: unary([0x45]),
  eq: binary([0x46]),
  ne: binary([0x47]),
  lt: binary([0x48]),
  ltU: binary([0x49]),
  gt: binary([0x4a]),
  le: binary([0x4c]),
  ge: binary([0x4e]),
  clz: unary([0x67]),
  add: binary([0x6a]),
  sub: binary([0x6b]),
  mul: binary([0x6c]),
  divU: binary([0x6e]),
  remU: binary([0x70]),
  and: binary([0x71]),
  or: binary([0x72]),
  xor: binary([0x73]),
  shl: binary([0x74]),
  shr: binary([0x75]),
  shrU: binary([0x76]),
  rotl: binary([0x77]),
  load: load([0x28]),
  wrap: unary([0xa7]),
  /** Divided by a constant, for numbers that are not negative. */
  over:
    (a: Code, by: number): Code =>
    (f) => {
      const shift = Math.log2(by)
      ;(Number.isInteger(shift) ? i32.shrU(a, i32.const(shift)) : i32.divU(a, i32.const(by)))(f)
    },
} as const

export const i64 = {
  const:
    (value: bigint): Code =>
    (f) =>
      f.i64(value),
  eqz: unary([0x50]),
  lt: binary([0x53]),
  ltU: binary([0x54]),
  clz: unary([0x79]),
  add: binary([0x7c]),
  sub: binary([0x7d]),
  mul: binary([0x7e]),
  and: binary([0x83]),
  or: binary([0x84]),
  xor: binary([0x85]),
  shl: binary([0x86]),
  shr: binary([0x87]),
  shrU: binary([0x88]),
  extendU: unary([0xad]),
  extend: unary([0xac]),
  bits: unary([0xbd]),
} as const

export const f64 = {
  const:
    (value: number): Code =>
    (f) =>
      f.f64(value),
  ne: binary([0x62]),
  lt: binary([0x63]),
  gt: binary([0x64]),
  le: binary([0x65]),
  ge: binary([0x66]),
  abs: unary([0x99]),
  neg: unary([0x9a]),
  nearest: unary([0x9e]),
  add: binary([0xa0]),
  sub: binary([0xa1]),
  mul: binary([0xa2]),
  div: binary([0xa3]),
  min: binary([0xa4]),
  max: binary([0xa5]),
  copysign: binary([0xa6]),
  fromI32: unary([0xb7]),
  fromI64U: unary([0xba]),
  promote: unary([0xbb]),
  fromBits: unary([0xbf]),
  toI32: unary([0xfc, 2]),
} as const

/** `c0 + x (c1 + x (c2 + ...))` by Horner's rule in the given arithmetic. */
export const polynomial = (
  ops: { readonly add: (a: Code, b: Code) => Code; readonly mul: (a: Code, b: Code) => Code },
  x: Code,
  coefficients: readonly Code[],
): Code => coefficients.reduceRight((sum, c) => ops.add(c, ops.mul(x, sum)))

/** The same by Horner's rule in the square, of pairs `c0 + x c1`: as many instructions, and half of them wait for no other. */
export const polynomialOfPairs = (
  ops: { readonly add: (a: Code, b: Code) => Code; readonly mul: (a: Code, b: Code) => Code },
  x: Code,
  square: Code,
  coefficients: readonly Code[],
): Code => {
  const pairs = coefficients.flatMap((c, i) => {
    if (i % 2 === 1) return []
    const next = coefficients[i + 1]
    return [next === undefined ? c : ops.add(c, ops.mul(x, next))]
  })
  return polynomial(ops, square, pairs)
}

/** `for (i = from; i < to; i += step) body`, for ranges known not to be empty. */
export const forNonEmpty = (f: Fn, i: number, from: Code, to: Code, step: number, body: () => void): void => {
  assign(f, i, from)
  f.doWhile(() => {
    body()
    const next: Code = (g) => {
      i32.add(get(i), i32.const(step))(g)
      g.tee(i)
    }
    i32.lt(next, to)(f)
  })
}

/** `for (i = from; i < to; i += step) body` */
export const forRange = (f: Fn, i: number, from: Code, to: Code, step: number, body: () => void): void => {
  assign(f, i, from)
  f.while(
    () => i32.lt(get(i), to)(f),
    () => {
      body()
      assign(f, i, i32.add(get(i), i32.const(step)))
    },
  )
}

export const newLocals = (f: Fn, count: number, type: ValType = I32): number[] => Array.from({ length: count }, () => f.local(type))

/** Elements that exist by construction, without a check in the loops that read them. */
export const at = <T>(items: ArrayLike<T>, i: number): T => items[i] as T
