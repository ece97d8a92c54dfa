/** Recognising constants that are written in a program: a literal, or one that is broadcast. */
import { applyOf } from "../tensor/apply.js"
import type { AnyTensor } from "../tensor/shape-types.js"

/**
 * The number that every element of `t` is known to be, or null.
 *
 * @example
 * uniformValue(zerosOf({ elem: "float", shape: [3] })) // 0
 * uniformValue(tensor(0)) // null
 */
export const uniformValue = (t: AnyTensor): number | null => {
  let a = applyOf(t)
  while (a.op.name === "broadcast" || a.op.name === "reshape") a = applyOf(a.inputs[0] as AnyTensor)
  return a.op.name === "literal" ? (a.params as { readonly value: number }).value : null
}

/**
 * Whether `t` is known to be 0 everywhere.
 *
 * @example
 * isZero(literal(0)) // true
 */
export const isZero = (t: AnyTensor): boolean => uniformValue(t) === 0
/**
 * Whether `t` is known to be 1 everywhere.
 *
 * @example
 * isOne(literal(1)) // true
 * isOne(tensor(1)) // false
 */
export const isOne = (t: AnyTensor): boolean => uniformValue(t) === 1
