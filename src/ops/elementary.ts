/** exp, log, tanh, sqrt, sin, cos. Their derivatives use the value where they can, so that nothing is computed twice. */
import { type AnyTensor, apply1, broadcastAlong, type Domain, elementwise, literal, type Op, type UnaryFn, unary } from "../core/index.js"
import { divOp, mulOp, negOp, subOp } from "./arithmetic.js"
import { unaryOp } from "./lift.js"

const times = (a: AnyTensor, b: AnyTensor) => apply1(mulOp, null, [a, b])
const ones = (like: AnyTensor) => broadcastAlong(literal(1), like.shape, [])

/** `derivative(x, y, dx)` is the tangent of y = fn(x). */
const elementary = (fn: UnaryFn, domain: Domain, derivative: (x: AnyTensor, y: AnyTensor, dx: AnyTensor) => AnyTensor): Op<null, 1, 1> =>
  elementwise({
    name: fn,
    inputs: [["float"]],
    output: "float",
    scalar: ([a]) => unary(fn, a),
    jvp: ([x], y, [dx]) => derivative(x, y, dx),
    domains: [domain],
  })

export const expOp = elementary("exp", { t: "real" }, (_x, y, dx) => times(dx, y))
export const logOp = elementary("log", { t: "positive" }, (x, _y, dx) => apply1(divOp, null, [dx, x]))
// tanh' = 1 - tanh^2
export const tanhOp = elementary("tanh", { t: "real" }, (_x, y, dx) => times(dx, apply1(subOp, null, [ones(y), times(y, y)])))
// sqrt' = 1 / (2 sqrt); infinite at 0, as the function is there
export const sqrtOp = elementary("sqrt", { t: "positive" }, (_x, y, dx) =>
  apply1(divOp, null, [dx, times(broadcastAlong(literal(2), y.shape, []), y)]),
)
export const sinOp: Op<null, 1, 1> = elementary("sin", { t: "real" }, (x, _y, dx) => times(dx, apply1(cosOp, null, [x])))
export const cosOp: Op<null, 1, 1> = elementary("cos", { t: "real" }, (x, _y, dx) =>
  apply1(negOp, null, [times(dx, apply1(sinOp, null, [x]))]),
)

/**
 * `e^x`. Error on wasm below 1.01 ulp in either precision.
 *
 * @example
 * evaluate(exp(tensor([0, 1]))) // right([1, 2.718281828459045])
 */
export const exp = unaryOp("exp", expOp)
/**
 * Natural logarithm; NaN below 0, -Infinity at 0. Error on wasm below 0.9 ulp in either precision.
 *
 * @example
 * evaluate(log(tensor([1]))) // right([0])
 */
export const log = unaryOp("log", logOp)
/**
 * Hyperbolic tangent. Error on wasm below 2.7 ulp in float32 and 1.2 ulp in float64.
 *
 * @example
 * evaluate(tanh(tensor([0]))) // right([0])
 */
export const tanh = unaryOp("tanh", tanhOp)
/**
 * Square root; NaN below 0. The derivative at 0 is infinite.
 *
 * @example
 * evaluate(sqrt(tensor([4, 9]))) // right([2, 3])
 */
export const sqrt = unaryOp("sqrt", sqrtOp)
/**
 * Sine of radians, of any size. Error on wasm below 0.51 ulp in float32, 0.8 in float64.
 *
 * @example
 * evaluate(sin(tensor([0]))) // right([0])
 */
export const sin = unaryOp("sin", sinOp)
/**
 * Cosine of radians, of any size. Error on wasm below 0.51 ulp in float32, 0.8 in float64.
 *
 * @example
 * evaluate(cos(tensor([0]))) // right([1])
 */
export const cos = unaryOp("cos", cosOp)
