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

/** An op of one float. `derivative(x, y, dx)` is the tangent of y = f(x), null where that is 0 everywhere. */
export const unaryFormula = (
  name: string,
  domain: Domain,
  scalar: (x: Scalar) => Scalar,
  derivative: (x: Tensor, y: Tensor, dx: Tensor) => AnyTensor | null,
): Op<null> =>
  elementwise({
    name,
    inputs: [["float"]],
    agree: [],
    output: "float",
    scalar: ([a]) => scalar(a as Scalar),
    jvp: ([x], y, [dx]) => derivative(x as Tensor, y as Tensor, dx as Tensor),
    domains: [domain],
  })

type Partial = (a: Tensor, b: Tensor, y: Tensor) => AnyTensor

const scaled = (t: Tangent | undefined, by: () => AnyTensor): Tangent => (t == null ? null : apply1(mulOp, null, [t, by()]))

/** An op of two floats, with its partial derivatives in terms of operands and value. */
export const binaryFormula = (
  name: string,
  domains: readonly [Domain, Domain],
  scalar: (a: Scalar, b: Scalar) => Scalar,
  partials: readonly [Partial, Partial],
): Op<null> =>
  elementwise({
    name,
    inputs: [["float"], ["float"]],
    agree: [0, 1],
    output: "float",
    scalar: ([a, b]) => scalar(a as Scalar, b as Scalar),
    jvp: ([a, b], y, [da, db]) => {
      const [x, z, value] = [a, b, y] as [Tensor, Tensor, Tensor]
      return addTangents(
        scaled(da, () => partials[0](x, z, value)),
        scaled(db, () => partials[1](x, z, value)),
      )
    },
    domains,
  })
