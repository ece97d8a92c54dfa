/** Comparisons, logic, and selection by them. Comparisons have no tangents; every comparison with NaN is false. */
import {
  type AnyTensor,
  apply1,
  type BinaryFn,
  type BroadcastCheck,
  type BroadcastOf,
  binary,
  broadcastRight,
  type Domain,
  type Elem,
  elementwise,
  type Op,
  type Shape,
  select as selectScalar,
  type Tensor,
  type UnaryFn,
  unary,
  uniformValue,
  zerosOf,
} from "../core/index.js"
import { applyBinary, binaryOp, broadcastShapes, lift } from "./lift.js"

const domainOf = (kinds: readonly Elem[]): Domain => ({ t: kinds[0] === "bool" ? "bool" : "extended" })

const comparison = (fn: BinaryFn, kinds: readonly Elem[]): Op<null, 2, 1> =>
  elementwise({
    name: fn,
    inputs: [kinds, kinds],
    agree: [0, 1],
    output: "bool",
    scalar: ([a, b]) => binary(fn, a, b),
    jvp: () => null,
    domains: [domainOf(kinds), domainOf(kinds)],
  })

const predicate = (fn: UnaryFn, kinds: readonly Elem[]): Op<null, 1, 1> =>
  elementwise({
    name: fn,
    inputs: [kinds],
    output: "bool",
    scalar: ([a]) => unary(fn, a),
    jvp: () => null,
    domains: [domainOf(kinds)],
  })

const lessOp = comparison("less", ["float", "int"])
const lessEqualOp = comparison("lessEqual", ["float", "int"])
export const equalOp = comparison("equal", ["float", "int", "bool"])
const andOp = comparison("and", ["bool"])
const orOp = comparison("or", ["bool"])
const notOp = predicate("not", ["bool"])
const isFiniteOp = predicate("isFinite", ["float"])

const KINDS: readonly Elem[] = ["float", "int", "bool", "key"]

export const selectOp: Op<null, 3, 1> = elementwise({
  name: "select",
  inputs: [["bool"], KINDS, KINDS],
  agree: [1, 2],
  output: 1,
  scalar: ([c, a, b]) => selectScalar(c, a, b),
  jvp: ([c, a, b], _output, [, da, db]) =>
    da === null && db === null ? null : apply1(selectOp, null, [c, da ?? zerosOf(a.type), db ?? zerosOf(b.type)]),
  transpose: (_params, [c], [, a, b], [ct]) => {
    const zero = zerosOf(ct.type)
    return [null, a ? apply1(selectOp, null, [c, ct, zero]) : null, b ? apply1(selectOp, null, [c, zero, ct]) : null]
  },
  simplify: ([c, a, b]) => {
    const known = uniformValue(c)
    return known === null ? null : known === 0 ? b : a
  },
  domains: [{ t: "bool" }, { t: "real" }, { t: "real" }],
})

/**
 * `a < b`
 *
 * @example
 * evaluate(less(tensor([1, 2]), 2)) // right([1, 0])
 */
export const less = binaryOp<"less", "bool", "float" | "int">("less", lessOp)
/**
 * `a <= b`
 *
 * @example
 * evaluate(lessEqual(tensor([1, 2]), 1)) // right([1, 0])
 */
export const lessEqual = binaryOp<"lessEqual", "bool", "float" | "int">("lessEqual", lessEqualOp)
/**
 * `a > b`; data-last, `greater(b)(a)`.
 *
 * @example
 * evaluate(greater(tensor([1, 2]), 1)) // right([0, 1])
 */
export const greater = ((a: AnyTensor, b?: AnyTensor) =>
  b === undefined ? (x: AnyTensor) => applyBinary("greater", lessOp, a, x) : applyBinary("greater", lessOp, b, a)) as typeof less
/**
 * `a = b`. NaN equals nothing.
 *
 * @example
 * evaluate(equal(tensor([1, 2]), 2)) // right([0, 1])
 */
export const equal = binaryOp<"equal", "bool", "float" | "int" | "bool">("equal", equalOp)

type Bool<S extends Shape> = Tensor<S, "bool">
interface Logic<N extends string> {
  <S extends Shape>(a: Bool<S>, b: Bool<S>): Bool<S>
  <A extends Shape, B extends Shape>(a: Bool<A>, b: Bool<B> & BroadcastCheck<N, A, B>): Bool<BroadcastOf<A, B>>
}
const logic = <N extends string>(name: N, op: Op<null, 2, 1>): Logic<N> =>
  ((a: AnyTensor, b: AnyTensor) => applyBinary(name, op, a, b)) as Logic<N>

/**
 * Both, element by element, of truth values; shapes are broadcast.
 *
 * @example
 * evaluate(and(tensor([true, true]), tensor([true, false]))) // right([1, 0])
 */
export const and = logic("and", andOp)
/**
 * Either or both, element by element, of truth values; shapes are broadcast.
 *
 * @example
 * evaluate(or(tensor([true, false]), tensor([false, false]))) // right([1, 0])
 */
export const or = logic("or", orOp)
/**
 * The other truth value, element by element.
 *
 * @example
 * evaluate(not(tensor([true, false]))) // right([0, 1])
 */
export const not = <S extends Shape>(a: Bool<S>): Bool<S> => apply1(notOp, null, [a]) as Bool<S>
/**
 * Neither NaN nor an infinity.
 *
 * @example
 * evaluate(finite(tensor([1, NaN, Infinity]))) // right([1, 0, 0])
 */
export const finite = <S extends Shape>(x: Tensor<S>): Bool<S> => apply1(isFiniteOp, null, [lift("isFinite", x)]) as Bool<S>

interface Where {
  <S extends Shape, E extends Elem = "float">(c: Tensor<S, "bool">, a: Tensor<S, E> | number, b: Tensor<S, E> | number): Tensor<S, E>
  <C extends Shape, A extends Shape = [], B extends Shape = [], E extends Elem = "float">(
    c: Tensor<C, "bool">,
    a: (Tensor<A, E> & BroadcastCheck<"where", C, A>) | number,
    b: (Tensor<B, E> & BroadcastCheck<"where", BroadcastOf<C, A>, B>) | number,
  ): Tensor<BroadcastOf<BroadcastOf<C, A>, B>, E>
}

/**
 * `a` where `c`, else `b`, after broadcasting. What is not chosen may be anything, NaN included, and its cotangent is zero; but
 * a NaN made *inside* its derivative rule (sqrt at 0) still meets that zero, so choose the operand first, then compute.
 *
 * @example
 * evaluate(where(tensor([true, false]), tensor([1, 2]), 0)) // right([1, 0])
 */
export const where: Where = ((c: AnyTensor, a: AnyTensor | number, b: AnyTensor | number) => {
  const x = lift("where", a, b)
  const y = lift("where", b, a)
  const shape = broadcastShapes("where", broadcastRight(x, broadcastShapes("where", x, y)), c)
  return apply1(selectOp, null, [broadcastRight(c, shape), broadcastRight(x, shape), broadcastRight(y, shape)])
}) as Where
