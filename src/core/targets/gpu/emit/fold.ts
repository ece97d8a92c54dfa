/** Operations on known numbers, in float32: a known zero must reach the kernel as an argument (see `isSpecial`), not as an expression. */
import type { BinaryFn, UnaryFn } from "../../../compile/nest.js"

const truth = (holds: boolean): number => (holds ? 1 : 0)

/** null where the function is better left to the kernel. */
export const foldUnary = (fn: UnaryFn, a: number): number | null => {
  switch (fn) {
    case "neg":
      return -a
    case "sqrt":
      return Math.fround(Math.sqrt(a))
    case "floor":
      return Math.floor(a)
    case "not":
      return truth(a === 0)
    case "isFinite":
      return truth(Number.isFinite(a))
    default:
      return null
  }
}

export const foldBinary = (fn: BinaryFn, a: number, b: number): number => {
  switch (fn) {
    case "add":
      return Math.fround(a + b)
    case "sub":
      return Math.fround(a - b)
    case "mul":
      return Math.fround(a * b)
    case "div":
      return Math.fround(a / b)
    case "max":
      return Math.max(a, b)
    case "min":
      return Math.min(a, b)
    case "rem":
      return Math.fround(a - b * Math.floor(a / b))
    case "less":
      return truth(a < b)
    case "lessEqual":
      return truth(a <= b)
    case "equal":
      return truth(a === b)
    case "and":
      return truth(a !== 0 && b !== 0)
    case "or":
      return truth(a !== 0 || b !== 0)
  }
}
