/** Small constructors for index notation; they fold what is known, so that printed indices stay short. */
import type { BinaryFn, Guard, Ix, Nest, Scalar, UnaryFn } from "./nest.js"

/**
 * The index that is always `value`.
 *
 * @example
 * at(3) // { t: "const", value: 3 }
 */
export const at = (value: number): Ix => ({ t: "const", value })
/**
 * Loop variable `n`: the axes of the domain first, then those of the reduction.
 *
 * @example
 * axis(0) // { t: "var", axis: 0 }
 */
export const axis = (n: number): Ix => ({ t: "var", axis: n })
/**
 * Variables `from` to `from + n - 1`.
 *
 * @example
 * axes(2) // [{ t: "var", axis: 0 }, { t: "var", axis: 1 }]
 */
export const axes = (n: number, from = 0): readonly Ix[] => Array.from({ length: n }, (_, i) => axis(from + i))

/**
 * Sum of two indices.
 *
 * @example
 * plus(at(2), at(3)) // { t: "const", value: 5 }
 * plus(axis(0), at(0)) // { t: "var", axis: 0 }
 */
export const plus = (a: Ix, b: Ix): Ix =>
  a.t === "const" && b.t === "const"
    ? at(a.value + b.value)
    : a.t === "const" && a.value === 0
      ? b
      : b.t === "const" && b.value === 0
        ? a
        : { t: "add", a, b }

/**
 * An index times a number.
 *
 * @example
 * times(axis(0), 2) // { t: "mul", a: { t: "var", axis: 0 }, by: 2 }
 */
export const times = (a: Ix, by: number): Ix => (by === 1 ? a : by === 0 ? at(0) : a.t === "const" ? at(a.value * by) : { t: "mul", a, by })

/**
 * An index divided by a positive number, towards minus infinity.
 *
 * @example
 * floorDiv(at(-3), 2) // { t: "const", value: -2 }
 */
export const floorDiv = (a: Ix, by: number): Ix => (by === 1 ? a : a.t === "const" ? at(Math.floor(a.value / by)) : { t: "div", a, by })

/**
 * The rest of that division, from 0 to `by - 1`.
 *
 * @example
 * modulo(at(-3), 2) // { t: "const", value: 1 }
 */
export const modulo = (a: Ix, by: number): Ix =>
  by === 1 ? at(0) : a.t === "const" ? at(a.value - by * Math.floor(a.value / by)) : { t: "mod", a, by }

/**
 * Holds where lo <= ix < hi.
 *
 * @example
 * inRange(axis(0), 0, 8) // { t: "range", ix: { t: "var", axis: 0 }, lo: 0, hi: 8 }
 */
export const inRange = (ix: Ix, lo: number, hi: number): Guard => ({ t: "range", ix, lo, hi })
/**
 * Holds where `by` divides the index.
 *
 * @example
 * divides(axis(0), 2) // { t: "divides", ix: { t: "var", axis: 0 }, by: 2 }
 */
export const divides = (ix: Ix, by: number): Guard => ({ t: "divides", ix, by })

/**
 * The element of an operand at an index, an entry an axis; 0 where a guard does not hold.
 *
 * @example
 * load(0, [axis(1), axis(0)]) // the first operand, transposed
 * load(0, [plus(axis(0), at(-1))], [inRange(plus(axis(0), at(-1)), 0, 8)]) // the element before, 0 at the first
 */
export const load = (input: number, index: readonly Ix[], guards: readonly Guard[] = []): Scalar => ({
  t: "load",
  input,
  at: index,
  guards,
})
/**
 * A number as a scalar expression.
 *
 * @example
 * lit(0.5) // { t: "lit", value: 0.5 }
 */
export const lit = (value: number): Scalar => ({ t: "lit", value })
/**
 * An index as a number.
 *
 * @example
 * asNumber(at(2)) // { t: "lit", value: 2 }
 */
export const asNumber = (ix: Ix): Scalar => (ix.t === "const" ? lit(ix.value) : { t: "ix", ix })
/**
 * A number as an index: the data chooses what is loaded. It must be whole; guard it where it may be out of range.
 *
 * @example
 * load(0, [asIndex(load(1, [axis(0)]))], [inRange(asIndex(load(1, [axis(0)])), 0, 8)]) // a gather from 8 elements
 */
export const asIndex = (of: Scalar): Ix => (of.t === "lit" ? at(of.value) : of.t === "ix" ? of.ix : { t: "value", of })
/**
 * A function of one scalar.
 *
 * @example
 * unary("exp", load(0, [axis(0)])) // the exponential of each element
 */
export const unary = (fn: UnaryFn, a: Scalar): Scalar => ({ t: "unary", fn, a })
/**
 * A function of two scalars.
 *
 * @example
 * binary("add", load(0, [axis(0)]), load(1, [axis(0)])) // element plus element
 */
export const binary = (fn: BinaryFn, a: Scalar, b: Scalar): Scalar => ({ t: "binary", fn, a, b })
/**
 * `a` where `c` is not 0, else `b`.
 *
 * @example
 * select(binary("less", load(0, [axis(0)]), lit(0)), lit(0), load(0, [axis(0)])) // relu
 */
export const select = (c: Scalar, a: Scalar, b: Scalar): Scalar => ({ t: "select", c, a, b })

/**
 * A value at every point of a domain, without reduction.
 *
 * @example
 * pointwise([8], binary("mul", load(0, axes(1)), lit(2))) // twice each of 8 elements
 */
export const pointwise = (domain: readonly number[], body: Scalar): Nest => ({ domain, reduce: null, body, epilogue: null })

/**
 * At every point of a domain the sum or the largest of `body` over `extent` (0 or -Infinity where that is empty). The loop
 * variables of the reduction follow the domain's.
 *
 * @example
 * reduced([2], "sum", [3], load(0, axes(2))) // the sum of each row of a [2, 3]
 */
export const reduced = (domain: readonly number[], combine: "sum" | "max", extent: readonly number[], body: Scalar): Nest => ({
  domain,
  reduce: { combine, extent },
  body,
  epilogue: null,
})
