/**
 * Index notation: what an op means, as data. For every point of an output domain, one scalar expression over loads,
 * optionally under one reduction, optionally with an epilogue applied to the reduced value.
 *
 * The interpreter evaluates a nest directly; the fuser substitutes nests into one another; gpu and wasm print them.
 */

/** An integer expression over the loop variables of a nest. Division and remainder are floored; their divisors are positive. */
export type Ix =
  | { readonly t: "const"; readonly value: number }
  /** A loop variable: `axis < domain.length` is an axis of the output domain, the ones after it are the reduced axes. */
  | { readonly t: "var"; readonly axis: number }
  | { readonly t: "add"; readonly a: Ix; readonly b: Ix }
  | { readonly t: "mul"; readonly a: Ix; readonly by: number }
  | { readonly t: "div"; readonly a: Ix; readonly by: number }
  | { readonly t: "mod"; readonly a: Ix; readonly by: number }
  /** A data-dependent index (gather): the value is a whole number; a load through it carries a `range` guard. */
  | { readonly t: "value"; readonly of: Scalar }

/** A condition under which a load may touch memory. A load with a failing guard reads 0 and touches nothing. */
export type Guard =
  | { readonly t: "range"; readonly ix: Ix; readonly lo: number; readonly hi: number } // lo <= ix < hi; false for a NaN value
  | { readonly t: "divides"; readonly ix: Ix; readonly by: number } // ix mod by = 0

/** Functions of one number, IEEE in the target's precision. `not` and `isFinite` give 1 or 0. */
export type UnaryFn = "neg" | "exp" | "log" | "tanh" | "sqrt" | "sin" | "cos" | "floor" | "not" | "isFinite"
/**
 * Arithmetic is IEEE in the target's precision. Comparisons and logic give 1 or 0; every comparison with NaN is 0.
 * `max`/`min` give NaN if either side is NaN. `rem` is the sign-of-divisor remainder of whole numbers.
 */
export type BinaryFn = "add" | "sub" | "mul" | "div" | "max" | "min" | "rem" | "less" | "lessEqual" | "equal" | "and" | "or"

/** What stands at one point: an expression over numbers, indices and loads of operands. */
export type Scalar =
  | { readonly t: "lit"; readonly value: number } // may be NaN, Infinity, -0
  /** The target's machine epsilon (2^-52 in float64, 2^-23 in float32); no pass folds it earlier. */
  | { readonly t: "epsilon" }
  /** Operand `input` at one index an axis of its (physical) shape, 0 where a guard fails. */
  | { readonly t: "load"; readonly input: number; readonly at: readonly Ix[]; readonly guards: readonly Guard[] }
  /** An index as a number (iota). */
  | { readonly t: "ix"; readonly ix: Ix }
  | { readonly t: "unary"; readonly fn: UnaryFn; readonly a: Scalar }
  | { readonly t: "binary"; readonly fn: BinaryFn; readonly a: Scalar; readonly b: Scalar }
  /** `a` where `c` is not 0, else `b`. The side not chosen may be anything, NaN included; loads in it obey their guards. */
  | { readonly t: "select"; readonly c: Scalar; readonly a: Scalar; readonly b: Scalar }
  /** `a` where all guards hold, else 0; `a` is not evaluated where they fail (a producer inlined into a guarded load). */
  | { readonly t: "guarded"; readonly guards: readonly Guard[]; readonly a: Scalar }
  /**
   * One 16-bit limb (0: high half of word 0, 1: low half of word 0, 2 and 3: of word 1) of Threefry-2x32, 20 rounds, of
   * key (k0, k1) given by its four limbs and counter (0, count), where `count` is a whole number below 2^32.
   */
  | { readonly t: "threefry"; readonly key: readonly [Scalar, Scalar, Scalar, Scalar]; readonly count: Scalar; readonly limb: Scalar }
  /** Bitwise exclusive or of two whole numbers in [0, 2^16). */
  | { readonly t: "xor16"; readonly a: Scalar; readonly b: Scalar }
  /** In an epilogue only: the reduced value. */
  | { readonly t: "acc" }

/**
 * `sum` starts at 0, `max` at -Infinity. The order is that of the axes, last one fastest; NaN wins a `max`. A target with vectors may
 * add many neighbouring summands in another fixed order (wasm/summands.ts).
 */
export interface Reduction {
  readonly combine: "sum" | "max"
  /** Sizes of the reduced axes; their variables are numbered after those of the domain. */
  readonly extent: readonly number[]
  /**
   * The summand counts only where domain variable `axis` equals `equals` (an expression that does not use that variable):
   * scatterAdd. A target with scatter adds into place instead of testing every pair. Only with `sum`.
   */
  readonly indicator?: { readonly axis: number; readonly equals: Ix }
}

/** What one output means: at every point of `domain` the value of `body`, or what a reduction makes of it. */
export interface Nest {
  readonly domain: readonly number[]
  readonly reduce: Reduction | null
  /** The value at a point, or the summand. */
  readonly body: Scalar
  /** Uses `acc` and loads over domain variables; null stands for `acc` itself. Only with a reduction. */
  readonly epilogue: Scalar | null
}

/** What a scalar or an index is made of, in the order in which it is computed. */
export const partsOf = (x: Scalar | Ix): readonly (Scalar | Ix)[] => {
  switch (x.t) {
    case "add":
    case "binary":
    case "xor16":
      return [x.a, x.b]
    case "mul":
    case "div":
    case "mod":
    case "unary":
      return [x.a]
    case "value":
      return [x.of]
    case "load":
      return [...x.guards.map((g) => g.ix), ...x.at]
    case "ix":
      return [x.ix]
    case "select":
      return [x.c, x.a, x.b]
    case "guarded":
      return [...x.guards.map((g) => g.ix), x.a]
    case "threefry":
      return [...x.key, x.count, x.limb]
    case "const":
    case "var":
    case "lit":
    case "epsilon":
    case "acc":
      return []
  }
}
