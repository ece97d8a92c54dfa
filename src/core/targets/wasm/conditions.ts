/** Emits conditions: an i32 of 0 or 1, or in vectors a lane of zeros or ones. */
import { simd } from "./assembly.js"
import type { Node } from "./dataflow.js"
import { F64, I32 } from "./emitter.js"
import { remainderWide } from "./indices.js"
import type { Values } from "./values.js"

export const emitCondition = (v: Values, id: number, { op, args, imm }: Node, copy: number): void => {
  const { f } = v
  const { num } = v.library
  const vector = v.isVector(id)
  const lanes = vector ? num.vector : num.scalar
  const a = args[0] as number
  const [lo, hi] = imm as readonly [number, number]
  switch (op) {
    case "always":
      return f.i32(1)
    case "never":
      return f.i32(0)
    case "inRange":
      // one unsigned comparison for both bounds
      v.push(a)
      f.i32(lo)
      f.op([0x6b])
      f.i32(hi - lo)
      return f.op([0x49])
    case "inRangeWide": {
      const x = f.local(F64)
      v.push(a)
      f.tee(x)
      f.f64(lo)
      f.op([0x66])
      f.get(x)
      f.f64(hi)
      f.op([0x63])
      return f.op([0x71])
    }
    case "dividesWide":
      v.push(a)
      remainderWide(f, lo)
      f.f64(0)
      return f.op([0x61])
    case "truth":
      v.push(a, copy)
      if (vector) num.vectorConstant(f, () => 0)
      else num.constant(f, 0)
      return f.op(lanes.notEqual)
    case "finite":
      v.push(a, copy)
      f.op(lanes.abs)
      if (vector) num.vectorConstant(f, () => Infinity)
      else num.constant(f, Infinity)
      return f.op(lanes.less)
    case "not":
      v.push(a, copy)
      return f.op(vector ? simd(77) : [0x45])
    case "and":
    case "or":
      v.push(a, copy)
      v.push(args[1] as number, copy)
      if (vector) return f.op(simd(op === "and" ? 78 : 80))
      return f.op([op === "and" ? 0x71 : 0x72])
    case "splatCondition":
      f.i32(0)
      v.push(a)
      f.op([0x6b])
      return f.op(simd(17))
    default:
      v.push(a)
      return f.if(
        I32,
        () => v.pushSide(id, 0, args[1] as number),
        () => f.i32(0),
      )
  }
}
