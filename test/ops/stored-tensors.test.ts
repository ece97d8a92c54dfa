/** Softmax, norms, normalisation and losses with their gradients and Hessian-vector products against JAX in float64 (stored/make.py). */
import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { grad, jvp, type Tensor, tensor } from "../../src/core/index.js"
import * as ops from "../../src/ops/index.js"
import { dataOf, ndOf } from "./support.js"

interface Case {
  readonly x: never
  readonly y: unknown
  /** f(x) is weighted by `c` and summed; `d` is the gradient of that, `dd` its Hessian times `v`. */
  readonly c: never
  readonly v: never
  readonly d: unknown
  readonly dd: unknown
}

const stored = JSON.parse(readFileSync(new URL("stored/tensors.json", import.meta.url), "utf8"))
const given = (name: string): Tensor => tensor(stored.data[name]) as Tensor
const flat = (x: unknown): readonly number[] => [x].flat(9) as never

const target = given("target")
const weights = given("weights")
const labels = ops.cast(given("labels"), "int")
const distribution = given("distribution")
const mask = ops.cast(given("mask"), "bool")
const scale = given("scale")
const shift = given("shift")
const sum = { reduction: "sum" } as const
const none = { reduction: "none" } as const

const cases: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  softmax: (x) => ops.softmax(x),
  softmaxTwo: (x) => ops.softmax(x, [0, 2]),
  softmaxMask: (x) => ops.softmax(x, -1, { mask }),
  logSoftmax: (x) => ops.logSoftmax(x, 1),
  logsumexp: (x) => ops.logsumexp(x, 1),
  logsumexpTwo: (x) => ops.logsumexp(x, [1, 2], { keepDims: true }),
  logsumexpMask: (x) => ops.logsumexp(x, -1, { mask }),
  norm1: (x) => ops.norm(x, { p: 1, axes: [-1] }),
  norm2: (x) => ops.norm(x, { axes: [1] }),
  normInf: (x) => ops.norm(x, { p: Number.POSITIVE_INFINITY, axes: [1, 2] }),
  normalize: (x) => ops.normalize(x),
  variance: (x) => ops.variance(x, [0, 2]),
  varianceUnbiased: (x) => ops.variance(x, [1], { correction: 1 }),
  std: (x) => ops.std(x, [-1], { keepDims: true }),
  layerNorm: (x) => ops.layerNorm(x, { scale, shift }),
  layerNormTwo: (x) => ops.layerNorm(x, { axes: [1, 2] }),
  rmsNorm: (x) => ops.rmsNorm(x, { scale, epsilon: 1e-6 }),
  groupNorm: (x) => ops.groupNorm(x, 2, { scale, shift }),
  instanceNorm: (x) => ops.instanceNorm(x, { scale }),
  mse: (x) => ops.mse(x, target),
  mseWeighted: (x) => ops.mse(x, target, { weights }),
  mae: (x) => ops.mae(x, target, sum),
  huber: (x) => ops.huber(x, target, { delta: 1.5, ...none }),
  smoothL1: (x) => ops.smoothL1(x, target, { beta: 0.7 }),
  binaryCrossEntropy: (x) => ops.binaryCrossEntropy(x, given("binary")),
  crossEntropy: (x) => ops.crossEntropy(x, labels),
  crossEntropySmooth: (x) => ops.crossEntropy(x, labels, { labelSmoothing: 0.1, weights }),
  crossEntropyDistribution: (x) => ops.crossEntropy(x, distribution, none),
  crossEntropyFirst: (x) => ops.crossEntropy(x, labels, { axis: 0, ...sum }),
  nll: (x) => ops.nll(x, labels),
  klDivergence: (x) => ops.klDivergence(ops.logSoftmax(x), distribution, sum),
  hinge: (x) => ops.hinge(x, given("signs")),
  cosineSimilarity: (x) => ops.cosineSimilarity(x, target),
}

test("every stored function is tested", () => {
  expect(Object.keys(cases).sort()).toEqual(
    Object.keys(stored)
      .filter((k) => k !== "data")
      .sort(),
  )
})

const near = (found: Tensor, expected: unknown): void => {
  const [a, b] = [dataOf(found), flat(expected)]
  const size = Math.max(1, ...b.map(Math.abs))
  expect(a.length).toBe(b.length)
  a.forEach((x, i) => {
    expect(Math.abs(x - (b[i] as number)), `place ${i}: ${x}, expected ${b[i]}`).toBeLessThanOrEqual(1e-12 * size)
  })
}

test.each(Object.entries(cases))("%s", (name, f) => {
  const { x, y, c, v, d, dd } = stored[name] as Case
  const at = tensor(x) as Tensor
  const value = f(at)
  const shapeOf = (t: unknown): readonly number[] => (Array.isArray(t) ? [t.length, ...shapeOf(t[0])] : [])
  expect(ndOf(value).shape).toEqual(shapeOf(y))
  near(value, y)
  const weighted = (t: Tensor) => ops.sum(ops.mul(f(t), tensor(c) as Tensor) as Tensor) as Tensor<[]>
  const gradient = (t: Tensor) => grad((a: Tensor) => weighted(a))(t as never) as unknown as Tensor
  near(gradient(at), d)
  near(jvp((t: Tensor) => gradient(t), [at], [tensor(v) as Tensor])[1], dd)
})
