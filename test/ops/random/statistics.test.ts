/**
 * Draws follow their distributions: Kolmogorov-Smirnov and chi-square tests, each with a false-alarm probability of 1e-6 for a fair
 * sampler under a random seed; seeds are fixed.
 */
import { describe, expect, test } from "vitest"
import { type AnyTensor, type Tensor, tensor } from "../../../src/core/index.js"
import * as ops from "../../../src/ops/index.js"
import { dataOf } from "../support.js"
import { counted, kolmogorov, kolmogorovLimit, moments, normalBetween, pearson, pearsonLimit } from "./support.js"

const n = 4000
const shape = [n] as const
const k = ops.key(7)
const { PI, atan, exp, log } = Math

const truncated = (low: number, high: number) => {
  const [from, to] = [Math.max(low, -9), Math.min(high, 9)]
  const whole = normalBetween(from, to)
  return (x: number) => normalBetween(from, x) / whole
}

/** A draw and its distribution function. */
const continuous: Readonly<Record<string, readonly [AnyTensor, (x: number) => number]>> = {
  uniform: [ops.uniform(k, shape, { low: -2, high: 6 }), (x) => (x + 2) / 8],
  normal: [ops.normal(k, shape, { mean: 3, std: 2 }), (x) => normalBetween(-9, (x - 3) / 2)],
  exponential: [ops.exponential(k, shape, { rate: 4 }), (x) => 1 - exp(-4 * x)],
  gumbel: [ops.gumbel(k, shape, { loc: 1, scale: 2 }), (x) => exp(-exp(-(x - 1) / 2))],
  logistic: [ops.logistic(k, shape, { loc: -1, scale: 3 }), (x) => 1 / (1 + exp(-(x + 1) / 3))],
  laplace: [ops.laplace(k, shape, { loc: 2, scale: 0.5 }), (x) => (x < 2 ? exp(2 * (x - 2)) / 2 : 1 - exp(-2 * (x - 2)) / 2)],
  cauchy: [ops.cauchy(k, shape, { loc: 1, scale: 2 }), (x) => 0.5 + atan((x - 1) / 2) / PI],
  "truncatedNormal about the mean": [ops.truncatedNormal(k, shape), truncated(-2, 2)],
  "truncatedNormal aside": [ops.truncatedNormal(k, shape, { low: -1, high: 0.5 }), truncated(-1, 0.5)],
  "half-normal": [ops.truncatedNormal(k, shape, { low: 0, high: Number.POSITIVE_INFINITY }), truncated(0, 9)],
  "truncatedNormal in the tail": [ops.truncatedNormal(k, shape, { low: 6, high: 9 }), truncated(6, 9)],
  "truncatedNormal in the other tail": [ops.truncatedNormal(k, shape, { low: Number.NEGATIVE_INFINITY, high: -6 }), truncated(-9, -6)],
}

/** The tail beyond 30: the survival function's asymptotic series (Abramowitz and Stegun 26.2.12) over its value at 30. */
const beyond30 = (x: number): number => {
  const series = (y: number) => (1 - 1 / y ** 2 + 3 / y ** 4 - 15 / y ** 6 + 105 / y ** 8) / y
  return 1 - (exp((900 - x * x) / 2) * series(x)) / series(30)
}

describe("Kolmogorov and Smirnov", () => {
  test("truncatedNormal where the tail is 1e-197", () => {
    const drawn = dataOf(ops.truncatedNormal(k, shape, { low: 30, high: Number.POSITIVE_INFINITY }))
    expect(kolmogorov(drawn, beyond30)).toBeLessThan(kolmogorovLimit)
  })

  test.each(Object.entries(continuous))("%s", (_name, [drawn, cdf]) => {
    expect(kolmogorov(dataOf(drawn), cdf)).toBeLessThan(kolmogorovLimit)
  })

  test("notices a deviation of a twentieth of the standard deviation", () => {
    expect(kolmogorov(dataOf(ops.normal(k, [40_000])), (x) => normalBetween(-9, x - 0.05))).toBeGreaterThan(kolmogorovLimit)
  })
})

const weights = [0.1, 0, 0.4, 0.3, 0.2]
const share = (probabilities: readonly number[], total: number) => probabilities.filter((p) => p > 0).map((p) => p * total)
const positive = (counts: readonly number[]) => counts.filter((_, i) => (weights[i] as number) > 0)
const rows = (draw: (key: ops.Key) => AnyTensor, times: number): AnyTensor =>
  ops.vmap((key: ops.Key) => draw(key) as Tensor)(ops.split(ops.key(11), times)) as AnyTensor

describe("chi-square", () => {
  const even = (size: number, total: number) => new Array<number>(size).fill(total / size)

  test.each([6, 7, 300])("randint of a range of %d", (size) => {
    const counts = counted(
      dataOf(ops.randint(k, shape, -3, size - 3)).map((x) => x + 3),
      size,
    )
    expect(pearson(counts, even(size, n))).toBeLessThan(pearsonLimit(size - 1))
  })

  test.each([2 ** 18 - 5, 2 ** 22])("randint of a range of %d, by its sixteenths", (size) => {
    const drawn = dataOf(ops.randint(k, shape, 0, size))
    expect(drawn.every((x) => Number.isInteger(x) && x >= 0 && x < size)).toBe(true)
    const counts = counted(
      drawn.map((x) => Math.floor((16 * x) / size)),
      16,
    )
    expect(pearson(counts, even(16, n))).toBeLessThan(pearsonLimit(15))
    // the last digits too
    expect(
      pearson(
        counted(
          drawn.map((x) => x % 16),
          16,
        ),
        even(16, n),
      ),
    ).toBeLessThan(pearsonLimit(15))
  })

  test("bernoulli by probability and by logits", () => {
    for (const drawn of [ops.bernoulli(k, shape, { p: 0.3 }), ops.bernoulli(k, shape, { logits: log(0.3 / 0.7) })])
      expect(pearson(counted(dataOf(drawn), 2), [0.7 * n, 0.3 * n])).toBeLessThan(pearsonLimit(1))
  })

  test("categorical never draws a logit of -Infinity, the others by their softmax", () => {
    const counts = counted(dataOf(ops.categorical(k, tensor(weights.map(log)) as Tensor, shape)), 5)
    expect(counts[1]).toBe(0)
    expect(pearson(positive(counts), share(weights, n))).toBeLessThan(pearsonLimit(3))
  })

  test("choice with replacement, by weights that need not add up to 1", () => {
    const counts = counted(dataOf(ops.choice(k, 5, shape, { weights: tensor(weights.map((w) => 8 * w)) as Tensor })), 5)
    expect(counts[1]).toBe(0)
    expect(pearson(positive(counts), share(weights, n))).toBeLessThan(pearsonLimit(3))
  })

  test("choice without replacement, by weights: the second given the first", () => {
    const drawn = dataOf(rows((key) => ops.choice(key, 5, [2], { replace: false, weights: tensor(weights) as Tensor }), n))
    const pairs = weights.flatMap((a, i) => weights.map((b, j) => ({ i, j, p: i === j ? 0 : (a * b) / (1 - a) }))).filter(({ p }) => p > 0)
    const counts = counted(
      Array.from({ length: n }, (_, r) => 5 * (drawn[2 * r] as number) + (drawn[2 * r + 1] as number)),
      25,
    )
    expect(
      pearson(
        pairs.map(({ i, j }) => counts[5 * i + j] as number),
        pairs.map(({ p }) => p * n),
      ),
    ).toBeLessThan(pearsonLimit(pairs.length - 1))
    expect(pairs.reduce((s, { i, j }) => s + (counts[5 * i + j] as number), 0)).toBe(n)
  })

  test("permutation gives all orders of four", () => {
    const drawn = dataOf(rows((key) => ops.permutation(key, 4), n))
    const orders = counted(
      Array.from({ length: n }, (_, r) => drawn.slice(4 * r, 4 * r + 3).reduce((code, x) => 4 * code + x, 0)),
      64,
    ).filter((c) => c > 0)
    expect(orders.length).toBe(24)
    expect(pearson(orders, even(24, n))).toBeLessThan(pearsonLimit(23))
  })
})

/** Bounds at five standard errors of the moment: a fair draw fails one of them once in a million runs. */
describe("moments", () => {
  test.each([
    ["uniform", ops.uniform(k, shape), 1 / 2, 1 / 12, 1 / 180],
    ["normal", ops.normal(k, shape), 0, 1, 2],
    ["exponential", ops.exponential(k, shape), 1, 1, 8],
    ["gumbel", ops.gumbel(k, shape), 0.5772156649015329, PI ** 2 / 6, (4.4 * PI ** 4) / 36],
    ["logistic", ops.logistic(k, shape), 0, PI ** 2 / 3, (3.2 * PI ** 4) / 9],
    ["laplace", ops.laplace(k, shape), 0, 2, 20],
  ] as const)("%s", (_name, drawn, mean, variance, spread) => {
    const found = moments(dataOf(drawn))
    expect(Math.abs(found.mean - mean)).toBeLessThan(5 * Math.sqrt(variance / n))
    expect(Math.abs(found.variance - variance)).toBeLessThan(5 * Math.sqrt(spread / n))
  })
})
