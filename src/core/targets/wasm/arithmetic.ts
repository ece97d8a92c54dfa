/** The two precisions of the target, one element at a time or a vector of 16 bytes at a time, as tables of instructions. */

import { simd } from "./assembly.js"
import { F32, F64, type Fn, type Opcode, V128, type ValType } from "./emitter.js"

/** Instructions on elements that exist in the same form for one element and for a vector of them. */
export interface Lanes {
  readonly type: ValType
  readonly add: Opcode
  readonly sub: Opcode
  readonly mul: Opcode
  readonly div: Opcode
  /** NaN if either side is NaN. */
  readonly max: Opcode
  readonly min: Opcode
  readonly neg: Opcode
  readonly abs: Opcode
  readonly sqrt: Opcode
  readonly floor: Opcode
  readonly equal: Opcode
  readonly notEqual: Opcode
  readonly less: Opcode
  readonly lessEqual: Opcode
  readonly load: Opcode
  readonly store: Opcode
}

export interface Arithmetic {
  readonly precision: "float32" | "float64"
  /** Bytes of an element. */
  readonly bytes: 4 | 8
  readonly epsilon: number
  /** Elements of a vector. */
  readonly width: 2 | 4
  readonly scalar: Lanes
  readonly vector: Lanes
  readonly splat: Opcode
  readonly loadSplat: Opcode
  /** The element of a vector at a lane; the lane follows as an immediate. */
  readonly extract: Opcode
  readonly replace: Opcode
  readonly fromI32: Opcode
  readonly toI32: Opcode
  readonly toI64: Opcode
  /** Empty where the element is float64 already. */
  readonly toF64: Opcode
  readonly fromF64: Opcode
  readonly constant: (f: Fn, value: number) => void
  /** The first lanes of a vector of i32 as elements. */
  readonly vectorFromI32: Opcode
  readonly vectorConstant: (f: Fn, lane: (i: number) => number) => void
}

const vectorBytes = (values: Float32Array | Float64Array): Uint8Array => new Uint8Array(values.buffer)

const float32: Arithmetic = {
  precision: "float32",
  bytes: 4,
  epsilon: 2 ** -23,
  width: 4,
  scalar: {
    type: F32,
    add: [0x92],
    sub: [0x93],
    mul: [0x94],
    div: [0x95],
    max: [0x97],
    min: [0x96],
    neg: [0x8c],
    abs: [0x8b],
    sqrt: [0x91],
    floor: [0x8e],
    equal: [0x5b],
    notEqual: [0x5c],
    less: [0x5d],
    lessEqual: [0x5f],
    load: [0x2a],
    store: [0x38],
  },
  vector: {
    type: V128,
    add: simd(228),
    sub: simd(229),
    mul: simd(230),
    div: simd(231),
    max: simd(233),
    min: simd(232),
    neg: simd(225),
    abs: simd(224),
    sqrt: simd(227),
    floor: simd(104),
    equal: simd(65),
    notEqual: simd(66),
    less: simd(67),
    lessEqual: simd(69),
    load: simd(0),
    store: simd(11),
  },
  splat: simd(19),
  vectorFromI32: simd(250),
  loadSplat: simd(9),
  extract: simd(31),
  replace: simd(32),
  fromI32: [0xb2],
  toI32: [0xfc, 0],
  toI64: [0xfc, 4],
  toF64: [0xbb],
  fromF64: [0xb6],
  constant: (f, value) => f.f32(value),
  vectorConstant: (f, lane) => f.v128(vectorBytes(Float32Array.from([0, 1, 2, 3], lane))),
}

const float64: Arithmetic = {
  precision: "float64",
  bytes: 8,
  epsilon: 2 ** -52,
  width: 2,
  scalar: {
    type: F64,
    add: [0xa0],
    sub: [0xa1],
    mul: [0xa2],
    div: [0xa3],
    max: [0xa5],
    min: [0xa4],
    neg: [0x9a],
    abs: [0x99],
    sqrt: [0x9f],
    floor: [0x9c],
    equal: [0x61],
    notEqual: [0x62],
    less: [0x63],
    lessEqual: [0x65],
    load: [0x2b],
    store: [0x39],
  },
  vector: {
    type: V128,
    add: simd(240),
    sub: simd(241),
    mul: simd(242),
    div: simd(243),
    max: simd(245),
    min: simd(244),
    neg: simd(237),
    abs: simd(236),
    sqrt: simd(239),
    floor: simd(117),
    equal: simd(71),
    notEqual: simd(72),
    less: simd(73),
    lessEqual: simd(75),
    load: simd(0),
    store: simd(11),
  },
  splat: simd(20),
  vectorFromI32: simd(254),
  loadSplat: simd(10),
  extract: simd(33),
  replace: simd(34),
  fromI32: [0xb7],
  toI32: [0xfc, 2],
  toI64: [0xfc, 6],
  toF64: [],
  fromF64: [],
  constant: (f, value) => f.f64(value),
  vectorConstant: (f, lane) => f.v128(vectorBytes(Float64Array.from([0, 1], lane))),
}

export const arithmetic = { float32, float64 } as const
