/** Operators that every conversion uses: the same elements under another shape, in another order, of another kind. */
import { sameShape, sizeOf } from "../../core/index.js"
import { type Builder, type Kind, list, scalar, type Value } from "./builder.js"
import { dataType } from "./messages.js"

/** The same elements in order under another shape. */
export const reshaped = (b: Builder, v: Value, shape: readonly number[]): Value =>
  sameShape(v.shape, shape)
    ? v
    : {
        ...b.node("Reshape", [v, list(b, shape)], { kind: v.kind, shape }, shape.includes(0) ? { allowzero: 1 } : {}),
        ...(v.number === undefined ? {} : { number: v.number }),
      }

/** Axis i of what comes out is axis `order[i]`. */
export const permuted = (b: Builder, v: Value, order: readonly number[]): Value => {
  const shape = order.map((a) => v.shape[a] as number)
  if (order.every((a, i) => a === i)) return v
  // axes of size 1 may pass others without anything being moved
  const long = order.filter((a) => v.shape[a] !== 1)
  if (long.every((a, i) => i === 0 || a > (long[i - 1] as number))) return reshaped(b, v, shape)
  return b.node("Transpose", [v], { kind: v.kind, shape }, { perm: order })
}

/** With axes of size 1 that stand for repetition written out. */
export const full = (b: Builder, v: Value, shape: readonly number[]): Value =>
  sameShape(v.shape, shape) ? v : b.node("Expand", [v, list(b, shape)], { kind: v.kind, shape })

/** A value as another kind: to bool whether it is not 0 (NaN is true), to int towards zero. */
export const cast = (b: Builder, v: Value, kind: Kind): Value => {
  if (v.kind === kind) return v
  if (kind === "bool")
    return b.node("Not", [b.node("Equal", [v, scalar(b, v.kind, 0)], { kind: "bool", shape: v.shape })], { kind: "bool", shape: v.shape })
  return b.node("Cast", [v], { kind, shape: v.shape }, { to: dataType(b.elem(kind)) })
}

/** The shape in which two of equally many axes meet; an axis of size 1 repeats. */
export const meet = (a: readonly number[], c: readonly number[]): readonly number[] => {
  const rank = Math.max(a.length, c.length)
  return Array.from({ length: rank }, (_, i) => {
    const [x, y] = [a[a.length - rank + i] ?? 1, c[c.length - rank + i] ?? 1]
    return x === 1 ? y : x
  })
}

/**
 * A factor as files of float64 tell it. onnxruntime joins the one number that scales a product's factors or the product itself with the product
 * (MatMulScaleFusion), where it is a float32 whatever the product is. So a number that float32 doesn't hold is repeated along an axis; where there
 * is none, it is a choice that depends on what it scales.
 */
const factor = (b: Builder, operator: "Mul" | "Div", v: Value, scaled: Value, shape: readonly number[]): Value => {
  const { number } = v
  if (number === undefined) return v
  if (operator === "Mul" ? Math.fround(number) === number : Math.fround(1 / number) * number === 1) return v
  const size = Math.min(...shape.filter((d) => d > 1))
  if (size !== Number.POSITIVE_INFINITY) {
    const at = shape.indexOf(size)
    return full(
      b,
      v,
      shape.map((_, i) => (i === at ? size : 1)),
    )
  }
  const nan = b.node("IsNaN", [scaled], { kind: "bool", shape: scaled.shape })
  return b.node("Where", [nan, v, v], { kind: "float", shape: meet(scaled.shape, v.shape) })
}

/** An operator that works element by element on operands of one kind. */
export const pointwiseNode = (b: Builder, operator: string, operands: readonly Value[], kind: Kind): Value => {
  const shape = operands.map((v) => v.shape).reduce(meet)
  const [x, y] = operands as readonly [Value, Value]
  const scales = b.precision === "float64" && kind === "float" && (operator === "Mul" || operator === "Div")
  const taken = scales ? [operator === "Mul" ? factor(b, operator, x, y, shape) : x, factor(b, operator, y, x, shape)] : operands
  return b.node(operator, taken, { kind, shape })
}

/** `a` where `c` holds, else `d`. */
export const chosen = (b: Builder, c: Value, a: Value, d: Value): Value => {
  if (a.kind !== "bool") return pointwiseNode(b, "Where", [c, a, d], a.kind)
  // `Where` of truth values is missing in some runtimes
  const no = pointwiseNode(b, "Not", [c], "bool")
  return pointwiseNode(b, "Or", [pointwiseNode(b, "And", [c, a], "bool"), pointwiseNode(b, "And", [no, d], "bool")], "bool")
}

/** Elements `start`, `start + step`, ... of one axis, `size` of them; `step` may be below zero. */
export const sliced = (b: Builder, v: Value, axis: number, start: number, size: number, step: number): Value => {
  const shape = v.shape.map((d, i) => (i === axis ? size : d))
  if (start === 0 && step === 1 && sameShape(shape, v.shape)) return v
  const last = start + (size - 1) * step
  // an end before the first element is written as a number far below, since -1 stands for the last one
  const end = step > 0 ? last + 1 : last === 0 ? -(2 ** 31) : last - 1
  return b.node("Slice", [v, list(b, [start]), list(b, [size === 0 ? start : end]), list(b, [axis]), list(b, [step])], {
    kind: v.kind,
    shape,
  })
}

/** Zeros (false) before and after along each axis. */
export const padded = (b: Builder, v: Value, low: readonly number[], high: readonly number[]): Value => {
  if ([...low, ...high].every((n) => n === 0)) return v
  const shape = v.shape.map((d, i) => (low[i] as number) + d + (high[i] as number))
  // zeros are what is padded with by default, but not in every runtime for every kind
  return b.node("Pad", [v, list(b, [...low, ...high]), scalar(b, v.kind, 0)], { kind: v.kind, shape })
}

/** Sum or largest element over the last axes of a shape, which disappear. */
export const reducedLast = (b: Builder, operator: "ReduceSum" | "ReduceMax", v: Value, kept: number): Value => {
  const axes = v.shape.map((_, i) => i).slice(kept)
  const made = { kind: v.kind, shape: v.shape.slice(0, kept) }
  if (axes.length === 0) return v
  if (sizeOf(v.shape.slice(kept)) === 1) return reshaped(b, v, made.shape)
  return operator === "ReduceSum"
    ? b.node(operator, [v, list(b, axes)], made, { keepdims: 0 })
    : b.node(operator, [v], made, { axes, keepdims: 0 })
}
