/** Small constructors for index notation; they fold what is known, so that printed indices stay short. */
import type { BinaryFn, Guard, Ix, Nest, Scalar, UnaryFn } from "./nest.js"

/** The index that is always `value`. */
export const at = (value: number): Ix => ({ t: "const", value })
/** Loop variable `n`: the axes of the domain first, then those of the reduction. */
export const axis = (n: number): Ix => ({ t: "var", axis: n })
/** Variables `from` to `from + n - 1`. */
export const axes = (n: number, from = 0): readonly Ix[] => Array.from({ length: n }, (_, i) => axis(from + i))

/** Sum of two indices. */
export const plus = (a: Ix, b: Ix): Ix =>
  a.t === "const" && b.t === "const"
    ? at(a.value + b.value)
    : a.t === "const" && a.value === 0
      ? b
      : b.t === "const" && b.value === 0
        ? a
        : { t: "add", a, b }

/** An index times a number. */
export const times = (a: Ix, by: number): Ix => (by === 1 ? a : by === 0 ? at(0) : a.t === "const" ? at(a.value * by) : { t: "mul", a, by })

/** An index divided by a positive number, towards minus infinity. */
export const floorDiv = (a: Ix, by: number): Ix => (by === 1 ? a : a.t === "const" ? at(Math.floor(a.value / by)) : { t: "div", a, by })

/** The rest of that division, from 0 to `by - 1`. */
export const modulo = (a: Ix, by: number): Ix =>
  by === 1 ? at(0) : a.t === "const" ? at(a.value - by * Math.floor(a.value / by)) : { t: "mod", a, by }

/** Holds where lo <= ix < hi. */
export const inRange = (ix: Ix, lo: number, hi: number): Guard => ({ t: "range", ix, lo, hi })
/** Holds where `by` divides the index. */
export const divides = (ix: Ix, by: number): Guard => ({ t: "divides", ix, by })

/** The element of an operand at an index, an entry an axis; 0 where a guard does not hold. */
export const load = (input: number, index: readonly Ix[], guards: readonly Guard[] = []): Scalar => ({
  t: "load",
  input,
  at: index,
  guards,
})
/** A number as a scalar expression. */
export const lit = (value: number): Scalar => ({ t: "lit", value })
/** An index as a number. */
export const asNumber = (ix: Ix): Scalar => (ix.t === "const" ? lit(ix.value) : { t: "ix", ix })
/** A number as an index: the data chooses what is loaded. It must be whole; guard it where it may be out of range. */
export const asIndex = (of: Scalar): Ix => (of.t === "lit" ? at(of.value) : of.t === "ix" ? of.ix : { t: "value", of })
/** A function of one scalar. */
export const unary = (fn: UnaryFn, a: Scalar): Scalar => ({ t: "unary", fn, a })
/** A function of two scalars. */
export const binary = (fn: BinaryFn, a: Scalar, b: Scalar): Scalar => ({ t: "binary", fn, a, b })
/** `a` where `c` is not 0, else `b`. */
export const select = (c: Scalar, a: Scalar, b: Scalar): Scalar => ({ t: "select", c, a, b })

/** A value at every point of a domain, without reduction. */
export const pointwise = (domain: readonly number[], body: Scalar): Nest => ({ domain, reduce: null, body, epilogue: null })

/**
 * At every point of a domain the sum or the largest of `body` over `extent` (0 or -Infinity where that is empty). The loop
 * variables of the reduction follow the domain's.
 */
export const reduced = (domain: readonly number[], combine: "sum" | "max", extent: readonly number[], body: Scalar): Nest => ({
  domain,
  reduce: { combine, extent },
  body,
  epilogue: null,
})
