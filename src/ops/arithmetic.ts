/** add, sub, mul, div, neg. */
import {
  type AnyTensor,
  addOp,
  addTangents,
  apply1,
  binary,
  type Elem,
  elementwise,
  isOne,
  isZero,
  type Op,
  type Tangent,
  unary,
} from "../core/index.js"
import { binaryOp, unaryOp } from "./lift.js"

const NUMBERS: readonly Elem[] = ["float", "int"]
const onBoth = { inputs: [NUMBERS, NUMBERS], agree: [0, 1], output: 0 } as const

const times = (a: AnyTensor, b: AnyTensor): AnyTensor => apply1(mulOp, null, [a, b])
const negated = (t: Tangent): Tangent => (t === null ? null : apply1(negOp, null, [t]))

export const negOp: Op<null, 1, 1> = elementwise({
  name: "neg",
  inputs: [NUMBERS],
  output: 0,
  scalar: ([a]) => unary("neg", a),
  jvp: (_inputs, _output, [da]) => negated(da),
  transpose: (_params, _inputs, _linear, [ct]) => [negated(ct)],
  domains: [{ t: "real" }],
})

export const subOp: Op<null, 2, 1> = elementwise({
  name: "sub",
  ...onBoth,
  scalar: ([a, b]) => binary("sub", a, b),
  jvp: (_inputs, _output, [da, db]) => (da === null ? negated(db) : db === null ? da : apply1(subOp, null, [da, db])),
  transpose: (_params, _inputs, [a, b], [ct]) => [a ? ct : null, b ? negated(ct) : null],
  simplify: ([a, b]) => (isZero(b) ? a : null),
  domains: [{ t: "real" }, { t: "real" }],
})

export const mulOp: Op<null, 2, 1> = elementwise({
  name: "mul",
  ...onBoth,
  scalar: ([a, b]) => binary("mul", a, b),
  // (a b)' = a' b + a b'
  jvp: ([a, b], _output, [da, db]) => addTangents(da && times(da, b), db && times(a, db)),
  transpose: (_params, [a, b], [la], [ct]) => (la ? [times(ct, b), null] : [null, times(a, ct)]),
  simplify: ([a, b]) => (isOne(b) ? a : isOne(a) ? b : null),
  domains: [{ t: "real" }, { t: "real" }],
})

export const divOp: Op<null, 2, 1> = elementwise({
  name: "div",
  inputs: [["float"], ["float"]],
  agree: [0, 1],
  output: 0,
  scalar: ([a, b]) => binary("div", a, b),
  // q = a / b: q' = (a' - q b') / b
  jvp: ([, b], q, [da, db]) => {
    const through = negated(db && times(q, db))
    return apply1(divOp, null, [addTangents(da, through) as AnyTensor, b])
  },
  transpose: (_params, [, b], _linear, [ct]) => [apply1(divOp, null, [ct, b]), null],
  simplify: ([a, b]) => (isOne(b) ? a : null),
  domains: [{ t: "real" }, { t: "awayFromZero" }],
})

/**
 * Sum of two tensors. `add(a, b)`, or `add(b)(a)` in a pipe.
 *
 * @example
 * evaluate(add(tensor([1, 2]), 10)) // right([11, 12])
 */
export const add = binaryOp<"add", null, "float" | "int">("add", addOp)
/**
 * Difference `a - b`; data-last, `sub(b)(a)`.
 *
 * @example
 * evaluate(sub(tensor([1, 2]), 1)) // right([0, 1])
 */
export const sub = binaryOp<"sub", null, "float" | "int">("sub", subOp)
/**
 * Product, element by element.
 *
 * @example
 * evaluate(mul(tensor([1, 2]), tensor([3, 4]))) // right([3, 8])
 */
export const mul = binaryOp<"mul", null, "float" | "int">("mul", mulOp)
/**
 * Quotient `a / b`; data-last, `div(b)(a)`. IEEE at zero: x / 0 is an infinity or NaN.
 *
 * @example
 * evaluate(div(tensor([1, 2]), 2)) // right([0.5, 1])
 */
export const div = binaryOp("div", divOp)
/**
 * `-x`
 *
 * @example
 * evaluate(neg(tensor([1, -2]))) // right([-1, 2])
 */
export const neg = unaryOp("neg", negOp)
