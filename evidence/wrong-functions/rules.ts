/** Functions with a wrong rule: the culprit is an equation. */
import { apply, apply1, defineOp, type Op, ops } from "../../src/core/index.js"
import {
  type AnyTensor,
  add,
  customJvp,
  customVjp,
  exp,
  log,
  mean,
  mul,
  neg,
  scan,
  sigmoid,
  softmax,
  square,
  stopGradient,
  sub,
  sum,
  type Tensor,
  tanh,
} from "../../src/index.js"
import { normal } from "../../src/laws/arbitraries/index.js"
import * as laws from "../../src/laws/index.js"
import type { WrongFunction } from "./case.js"

type Vector = Tensor<[3]>

/** The square, whose pullback has the wrong sign. */
const squared = customVjp(
  function squared(x: Vector): Vector {
    return square(x)
  },
  { forward: (x) => [square(x), x], backward: (x, ct) => [neg(mul(mul(x, 2), ct as Vector))] },
)

/** log(1 + e^x), whose derivative is the sigmoid, not half of it. */
const softplus = customJvp(
  function softplus(x: Vector): Vector {
    return log(add(exp(x), 1))
  },
  ([x], [dx]) => [log(add(exp(x), 1)), mul(mul(sigmoid(x), 0.5), dx as Vector)],
)

/** A user's op made of one of the library's, with some rules replaced. */
const changed = (of: string, name: string, change: (base: Op) => Partial<Op>): Op => {
  const base = ops().get(of) as Op
  return defineOp({ ...base, name, ...change(base) })
}

const oneWay: Op = changed("neg", "oneWay", () => ({
  jvp: (_params, _inputs, _outputs, [dx]) => [apply1(oneWay, null, [dx as AnyTensor])],
  transpose: undefined as never,
}))

/** Minus, whose transpose forgets the sign. */
const halfTurn: Op = changed("neg", "halfTurn", () => ({
  jvp: (_params, _inputs, _outputs, [dx]) => [apply1(halfTurn, null, [dx as AnyTensor])],
  transpose: (_params, _inputs, _linear, [ct]) => [ct ?? null],
}))

/** tanh, which on rows takes the mean over the rows away. */
const centred: Op = changed("tanh", "centred", ({ batch }) => ({
  batch: (params, inputs, batched, size) => {
    const made = batch(params, inputs, batched, size)
    return { ...made, outputs: made.outputs.map((y) => sub(y as Tensor, mean(y as Tensor, [0])) as AnyTensor) }
  },
}))

const vector = [normal([3])] as const

export const wrongRules: readonly WrongFunction[] = [
  {
    title: "a customVjp whose backward has the wrong sign",
    laws: laws.gradient((x: Vector) => sum(exp(squared(x))), vector),
    law: "gradient: Taylor",
    culprit: { op: "squared", rule: "transpose" },
    says: /the customVjp rule of squared is wrong/,
    nonzero: 2,
  },
  {
    title: "a customJvp whose rule is off by a factor of two",
    laws: laws.gradient((x: Vector) => sum(square(softplus(x))), vector),
    law: "gradient: Taylor",
    culprit: { op: "softplus", rule: "jvp" },
    says: /the customJvp rule of softplus is wrong/,
    nonzero: 1,
  },
  {
    title: "an op that was defined without a transpose",
    laws: laws.gradient((x: Vector) => sum(square(apply1(oneWay, null, [x]) as Vector)), vector),
    law: "gradient: Taylor",
    // its record is refused when it is first used: there are no equations to look at yet
    culprit: null,
    says: /op "oneWay": .* give it "transpose"/,
    nonzero: 0,
  },
  {
    title: "an op with a wrong transpose, in the body of a loop",
    laws: laws.gradient((x: Vector) => {
      const [last] = scan(
        (z: Tensor<[]>, row: Tensor<[]>) => [tanh(add(apply1(halfTurn, null, [z]) as Tensor<[]>, row)), null] as const,
        sum(x),
        x,
      )
      return square(last)
    }, vector),
    law: "gradient: Taylor",
    culprit: { op: "halfTurn", rule: "transpose" },
    says: /in scan, turn 1 of 3/,
    nonzero: 2,
  },
  {
    title: "an op whose batch rule mixes rows",
    laws: laws.vmap((x: Vector) => sum(apply(centred, {}, [x])[0] as Vector), vector),
    law: "vmap is map",
    culprit: { op: "centred", rule: "batch" },
    says: /the batch rule of centred is wrong/,
    nonzero: 1,
  },
  {
    title: "a stopGradient by mistake",
    laws: laws.gradient((x: Vector) => sum(mul(softmax(x), stopGradient(x))), vector),
    law: "gradient: Taylor",
    culprit: { op: "stopGradient", rule: "stop" },
    says: /a stopGradient stands where the derivative is needed/,
    nonzero: 2,
  },
]
