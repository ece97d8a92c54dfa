/** Small constructors for index notation; they fold what is known, so that printed indices stay short. */
import type { BinaryFn, Guard, Ix, Nest, Scalar, UnaryFn } from "./nest.js"

export const at = (value: number): Ix => ({ t: "const", value })
export const axis = (n: number): Ix => ({ t: "var", axis: n })
/** Variables `from` to `from + n - 1`. */
export const axes = (n: number, from = 0): readonly Ix[] => Array.from({ length: n }, (_, i) => axis(from + i))

export const plus = (a: Ix, b: Ix): Ix =>
  a.t === "const" && b.t === "const"
    ? at(a.value + b.value)
    : a.t === "const" && a.value === 0
      ? b
      : b.t === "const" && b.value === 0
        ? a
        : { t: "add", a, b }

export const times = (a: Ix, by: number): Ix => (by === 1 ? a : by === 0 ? at(0) : a.t === "const" ? at(a.value * by) : { t: "mul", a, by })

export const floorDiv = (a: Ix, by: number): Ix => (by === 1 ? a : a.t === "const" ? at(Math.floor(a.value / by)) : { t: "div", a, by })

export const modulo = (a: Ix, by: number): Ix =>
  by === 1 ? at(0) : a.t === "const" ? at(a.value - by * Math.floor(a.value / by)) : { t: "mod", a, by }

export const inRange = (ix: Ix, lo: number, hi: number): Guard => ({ t: "range", ix, lo, hi })
export const divides = (ix: Ix, by: number): Guard => ({ t: "divides", ix, by })

export const load = (input: number, index: readonly Ix[], guards: readonly Guard[] = []): Scalar => ({
  t: "load",
  input,
  at: index,
  guards,
})
export const lit = (value: number): Scalar => ({ t: "lit", value })
export const asNumber = (ix: Ix): Scalar => (ix.t === "const" ? lit(ix.value) : { t: "ix", ix })
export const asIndex = (of: Scalar): Ix => (of.t === "lit" ? at(of.value) : of.t === "ix" ? of.ix : { t: "value", of })
export const unary = (fn: UnaryFn, a: Scalar): Scalar => ({ t: "unary", fn, a })
export const binary = (fn: BinaryFn, a: Scalar, b: Scalar): Scalar => ({ t: "binary", fn, a, b })
export const select = (c: Scalar, a: Scalar, b: Scalar): Scalar => ({ t: "select", c, a, b })

/** A value at every point of a domain, without reduction. */
export const pointwise = (domain: readonly number[], body: Scalar): Nest => ({ domain, reduce: null, body, epilogue: null })

export const reduced = (domain: readonly number[], combine: "sum" | "max", extent: readonly number[], body: Scalar): Nest => ({
  domain,
  reduce: { combine, extent },
  body,
  epilogue: null,
})
