/**
 * Functions of scalars written as index notation: one formula that every target prints, in whatever precision it computes. So these
 * functions have no code of their own in any target. Formulas use no compensation (`(1 + x) - 1`), which compilers of GPUs fold away.
 */
import {
  type AnyTensor,
  addTangents,
  apply1,
  binary,
  type Domain,
  elementwise,
  lit,
  type Op,
  type Scalar,
  select,
  type Tangent,
  type Tensor,
  unary,
} from "../core/index.js"
import { mulOp } from "./arithmetic.js"

export const plus = (a: Scalar, b: Scalar): Scalar => binary("add", a, b)
export const minus = (a: Scalar, b: Scalar): Scalar => binary("sub", a, b)
export const times = (a: Scalar, b: Scalar): Scalar => binary("mul", a, b)
export const over = (a: Scalar, b: Scalar): Scalar => binary("div", a, b)
export const less = (a: Scalar, b: Scalar): Scalar => binary("less", a, b)
export const same = (a: Scalar, b: Scalar): Scalar => binary("equal", a, b)
export const smaller = (a: Scalar, b: Scalar): Scalar => binary("min", a, b)
export const larger = (a: Scalar, b: Scalar): Scalar => binary("max", a, b)
export const negative = (a: Scalar): Scalar => unary("neg", a)
export const root = (a: Scalar): Scalar => unary("sqrt", a)
export const power = (a: Scalar): Scalar => unary("exp", a)
export const logarithm = (a: Scalar): Scalar => unary("log", a)
export const whole = (a: Scalar): Scalar => unary("floor", a)
/** A NaN stays one. */
export const magnitude = (a: Scalar): Scalar => larger(a, negative(a))

/** `c0 + c1 x + c2 x^2 + ...` by Horner's rule. */
export const polynomial = (x: Scalar, coefficients: readonly number[]): Scalar =>
  coefficients.map(lit).reduceRight((sum, c) => plus(c, times(x, sum)))

/** The odd function that is `y` above 0; `y` may be made of the magnitude of `x`. Zeros keep their sign, a NaN stays one. */
export const odd = (x: Scalar, y: Scalar): Scalar => select(less(lit(0), x), y, select(less(x, lit(0)), negative(y), x))

/** The value of the first piece whose bound is above `a`, or the last value. */
export const piecewise = (a: Scalar, pieces: readonly (readonly [below: number, value: Scalar])[], last: Scalar): Scalar =>
  pieces.reduceRight((rest, [below, value]) => select(less(a, lit(below)), value, rest), last)

/**
 * Defines an op of one float by its formula. `derivative(x, y, dx)` is the tangent of y = f(x), null where that is 0 everywhere; the
 * laws look for it on `domain`.
 *
 * @throws TraceError when another op has the name.
 * @example
 * const cubeOp = unaryFormula("cube", { t: "real" }, (x) => binary("mul", x, binary("mul", x, x)), (x, _y, dx) => mul(dx, mul(3, square(x))))
 * const cube = unaryOp("cube", cubeOp)
 */
export const unaryFormula = (
  name: string,
  domain: Domain,
  scalar: (x: Scalar) => Scalar,
  derivative: (x: Tensor, y: Tensor, dx: Tensor) => AnyTensor | null,
): Op<null, 1, 1> =>
  elementwise({
    name,
    inputs: [["float"]],
    output: "float",
    scalar: ([a]) => scalar(a),
    jvp: ([x], y, [dx]) => derivative(x, y, dx),
    domains: [domain],
  })

type Partial = (a: Tensor, b: Tensor, y: Tensor) => AnyTensor

const scaled = (t: Tangent, by: () => AnyTensor): Tangent => (t === null ? null : apply1(mulOp, null, [t, by()]))

/**
 * Defines an op of two floats by its formula, with its partial derivatives in terms of operands and value.
 *
 * @throws TraceError when another op has the name.
 * @example
 * const hypotOp = binaryFormula(
 *   "hypot",
 *   [{ t: "positive" }, { t: "real" }], // both 0 is a kink
 *   (a, b) => unary("sqrt", binary("add", binary("mul", a, a), binary("mul", b, b))),
 *   [(a, _b, y) => div(a, y), (_a, b, y) => div(b, y)],
 * )
 * const hypot = binaryOp("hypot", hypotOp)
 */
export const binaryFormula = (
  name: string,
  domains: readonly [Domain, Domain],
  scalar: (a: Scalar, b: Scalar) => Scalar,
  partials: readonly [Partial, Partial],
): Op<null, 2, 1> =>
  elementwise({
    name,
    inputs: [["float"], ["float"]],
    agree: [0, 1],
    output: "float",
    scalar: ([a, b]) => scalar(a, b),
    jvp: ([a, b], y, [da, db]) =>
      addTangents(
        scaled(da, () => partials[0](a, b, y)),
        scaled(db, () => partials[1](a, b, y)),
      ),
    domains,
  })
