/** Emits the indices of a kernel: i32 for those of its loops, f64 for those that are read from data and may be anything. */
import type { Node } from "./dataflow.js"
import { F64, type Fn, I32 } from "./emitter.js"
import type { Values } from "./values.js"

export const emitIndex = (v: Values, id: number, { op, args, imm }: Node): void => {
  const { f, flow } = v
  const by = imm[0] as number
  const a = args[0] as number
  const powerOfTwo = Number.isInteger(Math.log2(by))
  switch (op) {
    case "int":
      return f.i32(by)
    case "variable":
    case "pointer":
    case "walk":
      return f.get(v.locals.get(id) as number)
    case "add":
      v.push(a)
      v.push(args[1] as number)
      return f.op([0x6a])
    case "scale":
      v.push(a)
      f.i32(powerOfTwo ? Math.log2(by) : by)
      return f.op([powerOfTwo ? 0x74 : 0x6c])
    case "div":
      v.push(a)
      if (powerOfTwo) {
        f.i32(Math.log2(by))
        return f.op([0x75])
      }
      if (flow.node(a).low < 0) addWhereNegative(f, 1 - by)
      f.i32(by)
      return f.op([flow.node(a).low < 0 ? 0x6d : 0x6e])
    case "mod":
      v.push(a)
      f.i32(powerOfTwo ? by - 1 : by)
      if (powerOfTwo) return f.op([0x71])
      f.op([flow.node(a).low < 0 ? 0x6f : 0x70])
      if (flow.node(a).low < 0) addWhereNegative(f, by)
      return
    case "indexOfWide":
      v.push(a)
      return f.op([0xfc, 2])
    default:
      v.push(a)
      f.op(v.library.num.toI64)
      return f.op([0xa7])
  }
}

/** Adds a constant to the i32 on the stack if that is negative. */
const addWhereNegative = (f: Fn, value: number): void => {
  const x = f.local(I32)
  f.tee(x)
  f.get(x)
  f.i32(31)
  f.op([0x75])
  f.i32(value)
  f.op([0x71])
  f.op([0x6a])
}

export const emitWide = (v: Values, { op, args, imm }: Node): void => {
  const { f } = v
  const by = imm[0] as number
  if (op === "wideConstant") return f.f64(by)
  v.push(args[0] as number)
  switch (op) {
    case "wideOfIndex":
      return f.op([0xb7])
    case "wideOfElement":
      return f.op(v.library.num.toF64)
    case "addWide":
      v.push(args[1] as number)
      return f.op([0xa0])
    case "scaleWide":
      f.f64(by)
      return f.op([0xa2])
    case "divWide":
      f.f64(by)
      f.op([0xa3])
      return f.op([0x9c])
    default:
      return remainderWide(f, by)
  }
}

/** The floored remainder of the f64 on the stack. */
export const remainderWide = (f: Fn, by: number): void => {
  const x = f.local(F64)
  f.tee(x)
  f.get(x)
  f.f64(by)
  f.op([0xa3])
  f.op([0x9c])
  f.f64(by)
  f.op([0xa2])
  f.op([0xa1])
}
