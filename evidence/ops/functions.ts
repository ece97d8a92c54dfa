/** Functions that are made of ops, family by family: what programs use, tried on every target as the ops themselves are. */
import { type AnyTensor, type Domain, type Tensor, type TensorType, tensor } from "../../src/core/index.js"
import { fixedPoint, linearSolve, picard } from "../../src/implicit/index.js"
import * as o from "../../src/ops/index.js"
import { arrayCases } from "../../test/ops/array-cases.js"
import { continuous, discrete } from "../../test/ops/random/samplers.js"
import { type Subject, subjectOf } from "./subject.js"

type Fn1 = (x: Tensor) => AnyTensor | readonly AnyTensor[]
interface Family {
  readonly shape: readonly number[]
  readonly domain: Domain
  readonly functions: Readonly<Record<string, Fn1>>
}

const real: Domain = { t: "real" }
const distinct: Domain = { t: "distinct" }
const positive: Domain = { t: "positive" }
const fraction: Domain = { t: "fraction" }
const dominant: Domain = { t: "dominant", anywhere: false }

const classes = tensor([2, 0, 1], "int")
const weights = tensor([0.5, 2, 1.5, -1]) as Tensor
const distribution = tensor([[0.1, 0.2, 0.3, 0.4], [0.7, 0.1, 0.1, 0.1], [0.25, 0.25, 0.25, 0.25]]) as Tensor // biome-ignore format: rows

const pointwise: Family = {
  shape: [3, 4],
  domain: fraction,
  functions: {
    abs: (x) => o.abs(x),
    sign: (x) => o.sign(x),
    square: (x) => o.square(x),
    relu: (x) => o.relu(x),
    relu6: (x) => o.relu6(x),
    leakyRelu: (x) => o.leakyRelu(x),
    elu: (x) => o.elu(x),
    celu: (x) => o.celu(x),
    selu: (x) => o.selu(x),
    gelu: (x) => o.gelu(x),
    silu: (x) => o.silu(x),
    mish: (x) => o.mish(x),
    softsign: (x) => o.softsign(x),
    hardSigmoid: (x) => o.hardSigmoid(x),
    hardTanh: (x) => o.hardTanh(x),
    logSigmoid: (x) => o.logSigmoid(x),
    clip: (x) => o.clip(x, -1, 2),
    minimum: (x) => o.minimum(x, weights) as Tensor,
    tan: (x) => o.tan(o.mul(x, 0.25)),
    ceil: (x) => o.ceil(x),
    round: (x) => o.round(x),
    trunc: (x) => o.trunc(x),
    remainder: (x) => o.remainder(x, 3) as Tensor,
    notEqual: (x) => o.notEqual(x, weights),
    nanToNum: (x) => o.nanToNum(x),
    xlogy: (x) => o.xlogy(x, 2.5) as Tensor,
  },
}

const onPositive: Family = {
  shape: [3, 4],
  domain: positive,
  functions: {
    reciprocal: (x) => o.reciprocal(x),
    rsqrt: (x) => o.rsqrt(x),
    log2: (x) => o.log2(x),
    log10: (x) => o.log10(x),
    logit: (x) => o.logit(o.mul(x, 0.2)),
    logcumsumexp: (x) => o.logcumsumexp(x),
    prod: (x) => o.prod(x),
  },
}

const rows: Family = {
  shape: [3, 4],
  domain: distinct,
  functions: {
    softmax: (x) => o.softmax(x),
    logSoftmax: (x) => o.logSoftmax(x, 0),
    logsumexp: (x) => o.logsumexp(x, [0, 1]),
    mean: (x) => o.mean(x),
    min: (x) => o.min(x, [1]),
    variance: (x) => o.variance(x, [1]),
    std: (x) => o.std(x, [0]),
    norm: (x) => o.norm(x),
    normalize: (x) => o.normalize(x),
    standardize: (x) => o.standardize(x),
    layerNorm: (x) => o.layerNorm(x, { scale: weights }),
    rmsNorm: (x) => o.rmsNorm(x),
    cosineSimilarity: (x) => o.cosineSimilarity(x, distribution),
    crossEntropy: (x) => o.crossEntropy(x, classes),
    binaryCrossEntropy: (x) => o.binaryCrossEntropy(x, distribution),
    klDivergence: (x) => o.klDivergence(o.logSoftmax(x), distribution),
    huber: (x) => o.huber(x, distribution),
    hinge: (x) => o.hinge(x, o.sign(distribution)),
    mse: (x) => o.mse(x, distribution),
    matmul: (x) => o.matmul(x, o.transpose(x)) as Tensor,
    argmax: (x) => o.argmax(x, 1),
    argmin: (x) => o.argmin(x, 0),
    argsort: (x) => o.argsort(x, 1, { descending: true }),
    searchSorted: (x) => o.searchSorted(tensor([-3, -0.5, 0, 2]) as Tensor, x),
    oneHot: (x) => o.oneHot(o.argmax(x, 1), 4),
    countNonZero: (x) => o.countNonZero(x),
  },
}

const matrices: Family = {
  shape: [3, 3],
  domain: dominant,
  functions: {
    det: (x) => o.det(x),
    slogdet: (x) => o.slogdet(x).logabs,
    logdet: (x) => o.logdet(o.matmul(x, o.transpose(x)) as Tensor),
    inv: (x) => o.inv(x),
    lstsq: (x) => o.lstsq(x, o.square(x)),
    matrixPower: (x) => o.matrixPower(x, 3),
    choleskySolve: (x) => o.choleskySolve(o.cholesky(x), x),
    "eigh, values": (x) => o.eigh(x).values,
  },
}

const doubled = o.customJvp(
  (x: Tensor) => o.mul(o.sin(x), 2),
  ([x], [dx]) => [o.mul(o.sin(x), 2), o.mul(o.mul(o.cos(x), 2), dx)],
)
const clippedBack = o.customVjp((x: Tensor) => o.square(x), {
  forward: (x) => [o.square(x), x],
  backward: (x, ct) => [o.mul(o.mul(x, 2), ct)],
})

const control: Family = {
  shape: [4],
  domain: fraction,
  functions: {
    "scan of a cond": (x) =>
      o.scan(
        (c: Tensor<[]>, xi: Tensor<[]>) => {
          const next = o.cond(
            o.less(c, 0.5),
            () => o.add(o.mul(c, 0.5), xi),
            () => o.mul(o.tanh(c), xi),
          ) as Tensor<[]>
          return [next, next] as const
        },
        tensor(0.25) as Tensor<[]>,
        x as never,
      )[1] as Tensor,
    "scan with checkpoint": (x) =>
      o.scan(
        (c: Tensor<[]>, xi: Tensor<[]>) => {
          const next = o.checkpoint((a: Tensor<[]>, b: Tensor<[]>) => o.sin(o.add(a, b)) as Tensor<[]>)(c, xi)
          return [next, next] as const
        },
        tensor(0.25) as Tensor<[]>,
        x as never,
        { reverse: true },
      )[1] as Tensor,
    customJvp: (x) => doubled(x),
    customVjp: (x) => clippedBack(x),
    fixedPoint: (x) => fixedPoint((z: Tensor) => o.tanh(o.add(o.mul(z, 0.4), x)) as Tensor, o.zerosLike(x) as Tensor, picard()),
    linearSolve: (x) => linearSolve((z: Tensor) => o.add(o.mul(z, 3), o.reverse(z)) as Tensor, x),
  },
}

const family = ({ shape, domain, functions }: Family): readonly Subject[] =>
  Object.entries(functions).map(([name, f]) => subjectOf(name, f, { elem: "float", shape }, domain))

const arrays: readonly Subject[] = Object.entries(arrayCases).map(([name, { f, shape, ties }]) =>
  subjectOf(name, f, { elem: "float", shape }, ties ? distinct : real),
)

const key: TensorType = { elem: "key", shape: [] }
const samplers: readonly Subject[] = Object.entries({ ...discrete, ...continuous }).map(([name, f]) =>
  subjectOf(name, f, key, { t: "key" }),
)

export const functions: readonly Subject[] = [...[pointwise, onPositive, rows, matrices, control].flatMap(family), ...arrays, ...samplers]
