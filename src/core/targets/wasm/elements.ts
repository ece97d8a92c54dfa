/** Emits elements, alone or in vectors. */
import type { Lanes } from "./arithmetic.js"
import { simd } from "./assembly.js"
import type { Node, Op } from "./dataflow.js"
import { I32, I64, type Opcode, V128 } from "./emitter.js"
import type { Values } from "./values.js"

export const laneOps: { readonly [op in Op]?: Exclude<keyof Lanes, "type"> } = {
  neg: "neg",
  abs: "abs",
  sqrt: "sqrt",
  floor: "floor",
  plus: "add",
  minus: "sub",
  times: "mul",
  over: "div",
  max: "max",
  min: "min",
  less: "less",
  lessEqual: "lessEqual",
  equal: "equal",
}

export const elementaryOps = new Set<Op>(["exp", "decay", "log", "tanh", "sin", "cos"])

export const emitElement = (v: Values, id: number, node: Node, copy: number): void => {
  const { f } = v
  const { num } = v.library
  const { op, args, imm } = node
  const [a, b] = args as readonly [number, number]
  const vector = v.isVector(id)
  switch (op) {
    case "literal":
      return num.constant(f, imm[0] as number)
    case "acc":
      return f.get(v.acc(id, copy))
    case "load":
      if (vector) return emitLoad(v, id, num.vector.load, copy)
      return emitLoad(v, id, num.scalar.load)
    case "rem":
      return emitRemainder(v, node, copy, vector ? num.vector : num.scalar)
    case "select":
      return emitSelect(v, id, node, copy)
    case "guarded":
      v.push(a)
      return f.if(
        vector ? V128 : num.scalar.type,
        () => v.pushSide(id, 0, b, copy),
        () => zero(v, vector),
      )
    case "elementOfCondition":
      v.push(a, copy)
      if (!vector) return f.op(num.fromI32)
      num.vectorConstant(f, () => 1)
      return f.op(simd(78))
    case "elementOfIndex":
      v.push(a)
      f.op(num.fromI32)
      if (vector) spread(v, v.slope(a), copy)
      return
    case "elementOfWide":
      v.push(a)
      // an index has no negative zero
      f.f64(0)
      f.op([0xa0])
      return f.op(num.fromF64)
    case "limb":
      return emitLimb(v, a, b)
    case "xor16":
      v.push(a)
      v.push(b)
      f.op([0x73])
      return f.op(num.fromI32)
    case "half":
      return emitHalf(v, a, imm[0] as number, vector, copy)
    case "splat":
      return emitSplat(v, a)
    default:
      return emitThreefry(v, args, vector, copy)
  }
}

const zero = ({ f, library: { num } }: Values, vector: boolean): void => {
  if (vector) num.vectorConstant(f, () => 0)
  else num.constant(f, 0)
}

/** Loads a scalar or a vector, or spreads one element over a vector, by `opcode`; gives 0 where a speculative load would leave its buffer. */
const emitLoad = (v: Values, id: number, opcode: Opcode, copy = 0): void => {
  const { f, locals } = v
  const { num } = v.library
  const { args, imm } = v.flow.node(id)
  const [offset, pointer, size] = imm as readonly [number, number, number]
  const bytes = opcode === num.vector.load ? 16 : num.bytes
  const vector = opcode !== num.scalar.load
  v.push(args[0] as number)
  if (!v.isSpeculative(id)) return f.memory(opcode, offset + copy * 16)
  const address = f.local(I32)
  f.tee(address)
  f.i32(offset)
  f.op([0x6a])
  f.get(locals.get(pointer) as number)
  f.op([0x6b])
  f.i32(Math.max(0, size - copy * 16 - bytes + 1))
  f.op([0x49])
  f.if(
    vector ? V128 : num.scalar.type,
    () => {
      f.get(address)
      f.memory(opcode, offset + copy * 16)
    },
    () => zero(v, vector),
  )
}

/** An element that is needed in a vector only is loaded into all its lanes at once. */
const emitSplat = (v: Values, a: number): void => {
  const { num } = v.library
  if (v.flow.node(a).op === "load" && !v.isNamed(a)) return emitLoad(v, a, num.loadSplat)
  v.push(a)
  v.f.op(num.splat)
}

const emitSelect = (v: Values, id: number, { args }: Node, copy: number): void => {
  const { f } = v
  const [c, a, b] = args as readonly [number, number, number]
  const type = v.isVector(id) ? V128 : v.library.num.scalar.type
  if (v.hasSides(id)) {
    v.push(c)
    return f.if(
      type,
      () => v.pushSide(id, 0, a, copy),
      () => v.pushSide(id, 1, b, copy),
    )
  }
  v.push(a, copy)
  v.push(b, copy)
  v.push(c, copy)
  if (v.isVector(c)) f.op(simd(82))
  else f.select(type)
}

/** `a - floor(a / b) b` */
const emitRemainder = (v: Values, { args }: Node, copy: number, lanes: Lanes): void => {
  const { f } = v
  const [a, b] = [f.local(lanes.type), f.local(lanes.type)]
  v.push(args[0] as number, copy)
  f.tee(a)
  f.get(a)
  v.push(args[1] as number, copy)
  f.tee(b)
  f.op(lanes.div)
  f.op(lanes.floor)
  f.get(b)
  f.op(lanes.mul)
  f.op(lanes.sub)
}

/** Turns the element of the first lane on the stack into the vector of a copy, `slope` apart. */
const spread = ({ f, library: { num } }: Values, slope: number, copy: number): void => {
  f.op(num.splat)
  num.vectorConstant(f, (lane) => slope * (copy * num.width + lane))
  f.op(num.vector.add)
}

/** The key's words from its limbs, the counter (0, count); in a vector, neighbouring counters. */
const emitThreefry = (v: Values, args: readonly number[], vector: boolean, copy: number): void => {
  const { f } = v
  const { num } = v.library
  for (const word of [0, 2]) {
    v.push(args[word] as number)
    f.i32(16)
    f.op([0x74])
    v.push(args[word + 1] as number)
    f.op([0x72])
  }
  if (!vector) f.i32(0)
  v.push(args[4] as number)
  if (vector) {
    f.op(simd(17))
    f.v128(new Uint8Array(Int32Array.from([0, 1, 2, 3], (lane) => copy * num.width + lane).buffer))
    f.op(simd(174))
  }
  f.call(v.library.threefry(vector ? "vector" : "scalar"))
}

/** The high half, 0, or the low half, 1, of the exclusive or of both words. */
const emitHalf = (v: Values, words: number, half: number, vector: boolean, copy: number): void => {
  const { f } = v
  const { num } = v.library
  v.push(words, copy)
  if (vector) {
    if (half === 0) {
      f.i32(16)
      f.op(simd(173))
    } else {
      f.v128(new Uint8Array(new Int32Array(4).fill(0xffff).buffer))
      f.op(simd(78))
    }
    return f.op(num.vectorFromI32)
  }
  const both = f.local(I64)
  f.tee(both)
  f.i64(32n)
  f.op([0x88])
  f.get(both)
  f.op([0x85])
  f.op([0xa7])
  if (half === 0) {
    f.i32(16)
    f.op([0x76])
  } else {
    f.i32(0xffff)
    f.op([0x71])
  }
  f.op(num.fromI32)
}

/** Limb 0 is the high half of the first word, which is the high half of the i64. */
const emitLimb = (v: Values, words: number, limb: number): void => {
  const { f } = v
  v.push(words)
  f.i64(48n)
  v.push(limb)
  f.op([0xac])
  f.i64(16n)
  f.op([0x7e])
  f.op([0x7d])
  f.op([0x88])
  f.op([0xa7])
  f.i32(0xffff)
  f.op([0x71])
  f.op(v.library.num.fromI32)
}
