/** Every sampler with parameters that broadcast: a function of a key alone. */
import { type AnyTensor, type Tensor, tensor, type Unchecked } from "../../../src/core/index.js"
import * as ops from "../../../src/ops/index.js"

const shape = [2, 3] as const
const low = tensor([-1, 0, 2]) as Tensor
const scale = tensor([[0.5], [2]]) as Tensor
const logits = tensor([
  [0.5, -1, 2],
  [0, Number.NEGATIVE_INFINITY, -0.5],
]) as Tensor
const weights = tensor([0.1, 0, 0.4, 0.3, 0.2]) as Tensor
const whole = (x: readonly number[]) => tensor(x, "int") as AnyTensor as Tensor<Unchecked, "int">

export type Sampler = (k: ops.Key) => AnyTensor

export const discrete: Readonly<Record<string, Sampler>> = {
  randint: (k) => ops.randint(k, shape, whole([0, -5, 3]), whole([2, 60_000, 3])),
  "randint, wide": (k) => ops.randint(k, shape, -(2 ** 21), 2 ** 21),
  bernoulli: (k) => ops.bernoulli(k, shape, { p: tensor([0, 0.5, 1]) as Tensor }),
  "bernoulli by logits": (k) => ops.bernoulli(k, shape, { logits: scale }),
  categorical: (k) => ops.categorical(k, logits, [5, 2]),
  permutation: (k) => ops.permutation(k, 9),
  shuffle: (k) => ops.shuffle(k, logits, 1),
  choice: (k) => ops.choice(k, 100, shape),
  "choice without replacement": (k) => ops.choice(k, 10, shape, { replace: false }),
  "choice by weights": (k) => ops.choice(k, 5, shape, { weights }),
  "choice by weights, without replacement": (k) => ops.choice(k, 5, [4], { weights, replace: false }),
  "choice of rows": (k) => ops.choice(k, logits, [2, 2], { axis: 1 }),
  "gumbelSoftmax, hard": (k) => ops.gumbelSoftmax(k, logits, 0.5, { hard: true }),
}

export const continuous: Readonly<Record<string, Sampler>> = {
  uniform: (k) => ops.uniform(k, shape, { low, high: 4 }),
  normal: (k) => ops.normal(k, shape, { mean: low, std: scale }),
  exponential: (k) => ops.exponential(k, shape, { rate: scale }),
  gumbel: (k) => ops.gumbel(k, shape, { loc: low, scale }),
  logistic: (k) => ops.logistic(k, shape, { loc: low, scale }),
  laplace: (k) => ops.laplace(k, shape, { loc: low, scale }),
  cauchy: (k) => ops.cauchy(k, shape, { loc: low, scale }),
  truncatedNormal: (k) => ops.truncatedNormal(k, shape, { low, high: Number.POSITIVE_INFINITY, std: scale }),
  "truncatedNormal, both tails": (k) =>
    ops.truncatedNormal(k, shape, { low: tensor([-9, 5, -0.01]) as Tensor, high: tensor([-6, 7, 0.02]) as Tensor }),
  "truncatedNormal, far out": (k) => ops.truncatedNormal(k, shape, { low: 20, high: Number.POSITIVE_INFINITY }),
  gumbelSoftmax: (k) => ops.gumbelSoftmax(k, logits, scale),
}
