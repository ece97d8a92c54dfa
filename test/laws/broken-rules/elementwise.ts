/** Broken rules of ops that work point by point. */
import { type AnyTensor, isOne, isZero, type Tangent, type Tensor, uniformValue } from "../../../src/core/index.js"
import { add, div, mul, stopGradient, sub } from "../../../src/ops/index.js"
import { type BrokenRule, broken, brokenIn } from "./broken.js"
import {
  bodies,
  cotangents,
  firstForAll,
  isInput,
  keysAs,
  negated,
  reversed,
  rightOnce,
  rolled,
  rows,
  tangentOfOutputs,
  tangents,
  times,
  typedAs,
  withoutCotangent,
  withoutTangent,
} from "./faults.js"

/** Formulas with a derivative rule. */
const curves = [
  ...["expm1", "log1p", "exp2", "sinh", "cosh", "asinh", "acosh", "atanh", "asin", "acos", "atan"],
  ...["erf", "erfc", "erfInv", "sigmoid", "softplus", "relu"],
]
const surfaces = ["pow", "atan2", "maximum", "logaddexp"]
const binary = ["add", "sub", "mul", "div", "less", "lessEqual", "equal", "and", "or", ...surfaces]
const unary = ["neg", "exp", "log", "tanh", "sqrt", "sin", "cos", "isFinite", "cast", "stopGradient", "floor", ...curves]
const all = [...binary, ...unary, "not", "select"]

const T = (t: Tangent | undefined) => t as Tensor
/** A sum of terms that may be missing. */
const terms = (...list: readonly (Tensor | null)[]): readonly Tangent[] => [
  list.filter((t) => t !== null).reduce<Tensor | null>((s, t) => (s === null ? t : add(s, t)), null) as Tangent,
]
/** Other scalar functions in the place of the right ones. */
const instead = (fn: string, other: string) => bodies((part) => (part.fn === fn ? { ...part, fn: other } : undefined))

const types: readonly BrokenRule[] = [
  ...brokenIn(binary, "type", "the second operand may have any type", firstForAll),
  ...brokenIn(unary, "type", "keys count as floats", keysAs("float")),
  broken("not", "type", "keys count as truth values", keysAs("bool")),
  broken(
    "select",
    "type",
    "the third operand may have any type",
    typedAs(([c, a]) => [c, a, a] as never),
  ),
]

const forward: readonly BrokenRule[] = [
  broken("add", "jvp", "the second term is missing", withoutTangent(1)),
  broken("neg", "jvp", "the sign is forgotten", tangents(negated)),
  broken(
    "sub",
    "jvp",
    "the second term has the wrong sign",
    () =>
      (_p, _i, _o, [da, db]) =>
        terms(da == null ? null : T(da), db == null ? null : T(db)),
  ),
  broken("mul", "jvp", "a' b without a b'", withoutTangent(1)),
  broken(
    "mul",
    "jvp",
    "operands swapped: a' a + b b'",
    () =>
      (_p, [a, b], _o, [da, db]) =>
        terms(da == null ? null : mul(T(da), T(a)), db == null ? null : mul(T(b), T(db))),
  ),
  broken("mul", "jvp", "right once, wrong twice", rightOnce),
  broken(
    "div",
    "jvp",
    "q b' with the wrong sign",
    () =>
      (_p, [, b], [q], [da, db]) =>
        terms(da == null ? null : div(T(da), T(b)), db == null ? null : div(mul(T(q), T(db)), T(b))),
  ),
  broken("exp", "jvp", "x in the place of e^x", () => (_p, [x], _o, [dx]) => [mul(T(dx), T(x)) as Tangent]),
  broken("exp", "jvp", "right once, wrong twice", rightOnce),
  broken("log", "jvp", "times x in the place of over x", () => (_p, [x], _o, [dx]) => [mul(T(dx), T(x)) as Tangent]),
  broken("tanh", "jvp", "1 - y in the place of 1 - y^2", () => (_p, _i, [y], [dx]) => [mul(T(dx), sub(1, T(y))) as Tangent]),
  broken("sqrt", "jvp", "the factor 1/2 is forgotten", tangents(times(2))),
  broken("sin", "jvp", "the wrong sign", tangents(negated)),
  broken("sin", "jvp", "right once, wrong twice", rightOnce),
  broken("cos", "jvp", "the wrong sign", tangents(negated)),
  broken(
    "select",
    "jvp",
    "tangents of the sides swapped",
    (good) =>
      (p, inputs, outputs, [, da, db]) =>
        good.jvp(p, inputs, outputs, [null, db ?? null, da ?? null]),
  ),
  broken("stopGradient", "jvp", "the tangent passes", () => (_p, _i, _o, [dx]) => [dx ?? null]),
  ...brokenIn([...curves, ...surfaces], "jvp", "the wrong sign", tangents(negated)),
  // the second derivative of relu is 0 wherever it has one
  ...brokenIn([...curves.filter((name) => name !== "relu"), "pow", "atan2", "logaddexp"], "jvp", "right once, wrong twice", rightOnce),
  ...brokenIn(surfaces, "jvp", "the first term is missing", withoutTangent(0)),
  ...brokenIn(surfaces, "jvp", "the second term is missing", withoutTangent(1)),
  broken("floor", "jvp", "the tangent passes", () => (_p, _i, _o, [dx]) => [dx ?? null]),
  broken("sigmoid", "jvp", "s in the place of s (1 - s)", () => (_p, _i, [y], [dx]) => [mul(T(dx), T(y)) as Tangent]),
  broken("expm1", "jvp", "the value in the place of e^x", () => (_p, _i, [y], [dx]) => [mul(T(dx), T(y)) as Tangent]),
  ...brokenIn(["cast", "less", "lessEqual", "equal", "isFinite"], "jvp", "a tangent for what is not float", tangentOfOutputs),
]

const backward: readonly BrokenRule[] = [
  broken("add", "transpose", "only the first operand gets a cotangent", withoutCotangent(1)),
  broken("neg", "transpose", "the sign is forgotten", cotangents(negated)),
  broken("sub", "transpose", "the sign of the second is forgotten", () => (_p, _i, [a, b], [ct]) => [
    a ? (ct ?? null) : null,
    b ? (ct ?? null) : null,
  ]),
  broken("mul", "transpose", "twice too large", cotangents(times(2))),
  broken(
    "mul",
    "transpose",
    "cotangents of the operands swapped",
    (good) =>
      (...args) =>
        [...(good.transpose?.(...args) ?? [])].reverse(),
  ),
  broken("div", "transpose", "times b in the place of over b", () => (_p, [, b], _l, [ct]) => [mul(T(ct), T(b)) as Tangent, null]),
  broken("select", "transpose", "sides swapped", (good) => (p, inputs, [c, a, b], cts) => {
    const [, first, second] = good.transpose?.(p, inputs, [c as boolean, b as boolean, a as boolean], cts) ?? []
    return [null, second ?? null, first ?? null]
  }),
]

const identities: readonly BrokenRule[] = [
  broken(
    "add",
    "simplify",
    "x + 1 is x",
    isInput(0, (_p, [, b]) => isOne(b as AnyTensor)),
  ),
  broken(
    "sub",
    "simplify",
    "0 - x is x",
    isInput(1, (_p, [a]) => isZero(a as AnyTensor)),
  ),
  broken(
    "mul",
    "simplify",
    "x * -1 is x",
    isInput(0, (_p, [, b]) => uniformValue(b as AnyTensor) === -1),
  ),
  broken(
    "div",
    "simplify",
    "1 / x is x",
    isInput(1, (_p, [a]) => isOne(a as AnyTensor)),
  ),
  broken(
    "select",
    "simplify",
    "the other side",
    (good) =>
      (p, [c, a, b]) =>
        good.simplify?.(p, [c, b, a] as never) ?? null,
  ),
  broken(
    "cast",
    "simplify",
    "to any kind of number it is nothing",
    isInput(0, () => true),
  ),
  broken("stopGradient", "simplify", "half of it", () => (_p, [x]) => [mul(stopGradient(T(x)), 0.5) as AnyTensor]),
]

const meaning: readonly BrokenRule[] = [
  ...brokenIn(all, "lower", "one place off along the first axis", rolled),
  broken("sub", "lower", "adds", instead("sub", "add")),
  broken("less", "lower", "equal counts as less", instead("less", "lessEqual")),
  broken(
    "cast",
    "lower",
    "rounds down below 0",
    bodies((part) => (part.t === "select" ? part.b : undefined)),
  ),
  broken(
    "or",
    "lower",
    "exclusive",
    bodies((part) => (part.fn === "or" ? { t: "unary", fn: "not", a: { ...part, fn: "equal" } } : undefined)),
  ),
]

export const elementwise: readonly BrokenRule[] = [
  ...types,
  ...forward,
  ...backward,
  ...identities,
  ...meaning,
  ...brokenIn(all, "batch", "rows come out backwards", rows(reversed)),
]
