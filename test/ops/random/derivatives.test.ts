/** Draws are differentiable functions of their parameters, to the second order. */
import { describe, expect, test } from "vitest"
import { evaluate, grad, jvp, type Tensor, tensor } from "../../../src/core/index.js"
import { key as anyKey, positive, uniform } from "../../../src/laws/arbitraries/index.js"
import * as laws from "../../../src/laws/index.js"
import * as ops from "../../../src/ops/index.js"
import { right } from "../../support/either.js"
import { dataOf } from "../support.js"

type Pair = readonly [Tensor<[3]>, Tensor<[]>]
type Draw = (k: ops.Key, a: Tensor, b: Tensor) => Tensor

/** Of parameters that broadcast: a is real [3], b positive []. The draw is [2, 3]. */
const draws: Readonly<Record<string, Draw>> = {
  uniform: (k, a, b) => ops.uniform(k, [2, 3], { low: a, high: ops.add(a, b) as Tensor }),
  normal: (k, a, b) => ops.normal(k, [2, 3], { mean: a, std: b }),
  exponential: (k, a, b) => ops.mul(a, ops.exponential(k, [2, 3], { rate: b }) as Tensor) as Tensor,
  gumbel: (k, a, b) => ops.gumbel(k, [2, 3], { loc: a, scale: b }),
  logistic: (k, a, b) => ops.logistic(k, [2, 3], { loc: a, scale: b }),
  laplace: (k, a, b) => ops.laplace(k, [2, 3], { loc: a, scale: b }),
  cauchy: (k, a, b) => ops.cauchy(k, [2, 3], { loc: a, scale: b }),
  "truncatedNormal in its bounds": (k, a, b) => ops.truncatedNormal(k, [2, 3], { low: a, high: ops.add(a, b) as Tensor }),
  "truncatedNormal in its moments": (k, a, b) =>
    ops.truncatedNormal(k, [2, 3], { mean: a, std: b, low: 1, high: Number.POSITIVE_INFINITY }),
  gumbelSoftmax: (k, a, b) =>
    ops.gumbelSoftmax(k, ops.stack([a, ops.mul(a, a) as Tensor]) as Tensor, ops.add(b, 0.5) as Tensor, { axis: 0 }),
}

const weights = tensor([
  [1, -2, 0.5],
  [0.25, 1.5, -1],
]) as Tensor

describe("the gradient of a draw", () => {
  test.each(Object.entries(draws))("%s", async (name, draw) => {
    const loss = (k: ops.Key, [a, b]: Pair): Tensor<[]> =>
      ops.sum(ops.mul(weights, ops.tanh(ops.mul(draw(k, a, b), 0.25) as Tensor)) as Tensor) as Tensor<[]>
    const k = anyKey()
    // second derivatives of two long series take a second a run
    const runs = name.startsWith("truncatedNormal") ? 4 : 20
    await laws.assert(laws.gradient(loss as (k: ops.Key, p: Pair) => Tensor<[]>, [k, [uniform([3]), positive([])]] as never), { runs })
  })

  test("truncatedNormal: dz/d(low) = (1 - u) phi(low) / phi(z), dz/d(high) = u phi(high) / phi(z)", () => {
    const k = ops.key(5)
    const [low, high] = [0.75, 2.5]
    const at = (from: Tensor<[]>, to: Tensor<[]>) => ops.truncatedNormal(k, [], { low: from, high: to }) as Tensor<[]>
    const phi = (x: number) => Math.exp((-x * x) / 2)
    const [u] = dataOf(ops.uniform(k, [])) as [number]
    const [z] = dataOf(at(tensor(low), tensor(high))) as [number]
    const slopes = grad(([a, b]: readonly [Tensor<[]>, Tensor<[]>]) => at(a, b))([tensor(low), tensor(high)])
    const [dLow, dHigh] = right(evaluate(slopes)).flatMap((t) => dataOf(t as Tensor)) as [number, number]
    expect(dLow).toBeCloseTo(((1 - u) * phi(low)) / phi(z), 12)
    expect(dHigh).toBeCloseTo((u * phi(high)) / phi(z), 12)
  })

  test("at infinite bounds the derivative in the finite one is finite", () => {
    const far = tensor(Number.POSITIVE_INFINITY) as Tensor<[]>
    const [, moved] = jvp(
      (low: Tensor<[]>, high: Tensor<[]>) => ops.truncatedNormal(ops.key(3), [50], { low, high }) as Tensor,
      [tensor(0) as Tensor<[]>, far],
      [tensor(1) as Tensor<[]>, tensor(1) as Tensor<[]>],
    )
    expect(dataOf(moved).every((x) => x > 0 && x < 1)).toBe(true)
  })
})

describe("gumbelSoftmax", () => {
  const logits = tensor([
    [0.5, -1, 2],
    [0, 1, -0.5],
  ]) as Tensor
  const k = ops.key(9)

  test("adds up to 1, and comes near one-hot at low temperature", () => {
    expect(dataOf(ops.sum(ops.gumbelSoftmax(k, logits, 1), [-1])).every((x) => Math.abs(x - 1) < 1e-14)).toBe(true)
    expect(dataOf(ops.gumbelSoftmax(k, logits, 1e-4)).every((x) => Math.min(x, 1 - x) < 1e-9)).toBe(true)
  })

  test.each([-1, 0])("hard along axis %d: exactly the categorical draw, with the soft one's derivative", (axis) => {
    const hard = (x: Tensor) => ops.gumbelSoftmax(k, x, 0.7, { hard: true, axis })
    const soft = (x: Tensor) => ops.gumbelSoftmax(k, x, 0.7, { axis })
    const value = dataOf(hard(logits))
    expect(value.every((x) => x === 0 || x === 1)).toBe(true)
    expect(dataOf(ops.sum(hard(logits), [axis])).every((x) => x === 1)).toBe(true)
    expect(dataOf(ops.argmax(hard(logits), axis))).toEqual(dataOf(ops.argmax(soft(logits), axis)))
    if (axis === -1) expect(dataOf(ops.argmax(hard(logits), -1))).toEqual(dataOf(ops.categorical(k, logits)))
    const slope = (f: (x: Tensor) => Tensor) =>
      dataOf(grad((x: Tensor) => ops.sum(ops.mul(weights, f(x)) as Tensor) as Tensor<[]>)(logits) as Tensor)
    expect(slope(hard)).toEqual(slope(soft))
    expect(slope(hard).some((x) => Math.abs(x) > 0.01)).toBe(true)
  })
})

test("shuffle and choice move cotangents back to where the rows stood", () => {
  const x = tensor([1, 2, 3, 4]) as Tensor
  const at = dataOf(ops.permutation(ops.key(4), 4))
  const slope = dataOf(
    grad((y: Tensor) => ops.sum(ops.mul(ops.shuffle(ops.key(4), y), tensor([10, 20, 30, 40])) as Tensor) as Tensor<[]>)(x) as Tensor,
  )
  expect(at.map((p) => slope[p])).toEqual([10, 20, 30, 40])
  const counts = dataOf(grad((y: Tensor) => ops.sum(ops.choice(ops.key(4), y, [9])) as Tensor<[]>)(x) as Tensor)
  expect(counts.reduce((s, c) => s + c, 0)).toBe(9)
})
