import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { grad, type Tensor, tensor } from "../../src/core/index.js"
import { awayFromZero, normal, shape } from "../../src/laws/arbitraries/index.js"
import * as laws from "../../src/laws/index.js"
import {
  abs,
  add,
  dot,
  full,
  log,
  logSoftmax,
  logsumexp,
  mul,
  norm,
  onesLike,
  relu,
  sigmoid,
  softmax,
  square,
  standardize,
  sum,
  zeros,
  zerosLike,
} from "../../src/ops/index.js"
import { get, indices, make, map, type Nd } from "./reference/nd.js"
import { dataOf, ndOf } from "./support.js"

/** At most 2^6 roundings on numbers of the size of the largest. */
const near = (found: Tensor, expected: Nd): void => {
  const a = ndOf(found)
  expect(a.shape).toEqual(expected.shape)
  const scale = Math.max(1, ...expected.data.map(Math.abs))
  a.data.forEach((x, i) => {
    expect(Math.abs(x - (expected.data[i] as number))).toBeLessThanOrEqual(64 * Number.EPSILON * scale)
  })
}

/** Tensors with an axis, and the axis. */
const withAxis = shape({ rank: [1, 3], size: [1, 4] }).chain((s) =>
  fc.tuple(normal(s) as fc.Arbitrary<Tensor>, fc.nat({ max: s.length - 1 })),
)

/** The elements along an axis at an index. */
const line = (x: Nd, index: readonly number[], axis: number): readonly number[] =>
  Array.from({ length: x.shape[axis] as number }, (_, k) => get(x, [...index.slice(0, axis), k, ...index.slice(axis + 1)]))

const total = (xs: readonly number[]) => xs.reduce((s, x) => s + x, 0)

describe("softmax and its kin are their formulas", () => {
  const sumExp = (xs: readonly number[]) => total(xs.map(Math.exp))

  test("softmax, logSoftmax", () => {
    fc.assert(
      fc.property(withAxis, ([t, axis]) => {
        const x = ndOf(t)
        near(
          softmax(t, axis),
          make(x.shape, (i) => Math.exp(get(x, i)) / sumExp(line(x, i, axis))),
        )
        near(
          logSoftmax(t, axis),
          make(x.shape, (i) => get(x, i) - Math.log(sumExp(line(x, i, axis)))),
        )
      }),
    )
  })

  test("logsumexp", () => {
    fc.assert(
      fc.property(withAxis, ([t, axis]) => {
        const x = ndOf(t)
        near(
          logsumexp(t, axis),
          make(
            x.shape.filter((_, a) => a !== axis),
            (i) => Math.log(sumExp(line(x, [...i.slice(0, axis), 0, ...i.slice(axis)], axis))),
          ),
        )
      }),
    )
  })

  test("standardize", () => {
    fc.assert(
      fc.property(withAxis, ([t]) => {
        const x = ndOf(t)
        const last = x.shape.length - 1
        near(
          standardize(t),
          make(x.shape, (i) => {
            const row = line(x, i, last)
            const mean = total(row) / row.length
            return (get(x, i) - mean) / Math.sqrt(total(row.map((n) => (n - mean) ** 2)) / row.length + 1e-5)
          }),
        )
      }),
    )
  })
})

describe("far from the middle they neither overflow nor lose", () => {
  test("shifts change nothing", () => {
    expect(dataOf(softmax(tensor([1000, 1001])))).toEqual(dataOf(softmax(tensor([0, 1]))))
    expect(dataOf(softmax(tensor([-1000, -1001])))).toEqual(dataOf(softmax(tensor([0, -1]))))
    expect(dataOf(logsumexp(tensor([1000, 1000]) as Tensor))[0]).toBeCloseTo(1000 + Math.log(2), 12)
    expect(dataOf(logSoftmax(tensor([0, -1000])))).toEqual([0, -1000])
  })

  test("a masked logit has probability and gradient zero", () => {
    const x = tensor([0, Number.NEGATIVE_INFINITY])
    expect(dataOf(softmax(x))).toEqual([1, 0])
    expect(dataOf(logsumexp(x as Tensor))).toEqual([0])
    expect(dataOf(grad((t: Tensor) => logsumexp(t) as Tensor<[]>)(x as never) as never)).toEqual([1, 0])
  })

  test("nothing but masks sums to log 0", () => {
    expect(dataOf(logsumexp(tensor([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]) as Tensor))).toEqual([Number.NEGATIVE_INFINITY])
  })

  test("sigmoid saturates with finite derivatives", () => {
    expect(dataOf(sigmoid(tensor([-1000, 0, 1000])))).toEqual([0, 0.5, 1])
    expect(dataOf(grad((t: Tensor) => sum(sigmoid(t)) as Tensor<[]>)(tensor([-1000, 0, 1000]) as never) as never)).toEqual([0, 0.25, 0])
  })
})

describe("gradients", () => {
  const checked = [
    ["softmax", (x: Tensor, y: Tensor) => sum(mul(softmax(x), y) as Tensor), normal([2, 3])],
    ["logSoftmax", (x: Tensor, y: Tensor) => sum(mul(logSoftmax(x), y) as Tensor), normal([2, 3])],
    ["logsumexp", (x: Tensor, y: Tensor) => sum(mul(logsumexp(x, 0), logsumexp(y, 0)) as Tensor), normal([2, 3])],
    ["standardize", (x: Tensor, y: Tensor) => sum(mul(standardize(x), y) as Tensor), normal([2, 3])],
    ["sigmoid", (x: Tensor, y: Tensor) => sum(mul(sigmoid(x), y) as Tensor), normal([3])],
    ["norm", (x: Tensor, y: Tensor) => norm(add(x, y) as Tensor), awayFromZero([3])],
    ["abs", (x: Tensor, y: Tensor) => sum(mul(abs(x), y) as Tensor), awayFromZero([3])],
    ["relu", (x: Tensor, y: Tensor) => sum(mul(relu(x), y) as Tensor), awayFromZero([3])],
    ["square", (x: Tensor, y: Tensor) => sum(mul(square(x), y) as Tensor), normal([3])],
    ["dot", (x: Tensor, y: Tensor) => dot(x, y), normal([2, 2])],
  ] as const
  test.each(checked)("%s", async (_name, f, arbitrary) => {
    await laws.assert(laws.gradient(f as (x: Tensor, y: Tensor) => Tensor<[]>, [arbitrary, arbitrary] as never))
  })
})

test("choices at kinks: abs 1, relu 0, norm 0", () => {
  const slope = (f: (x: Tensor) => Tensor) => dataOf(grad((t: Tensor) => sum(f(t)) as Tensor<[]>)(tensor([0]) as never) as never)
  expect(slope(abs)).toEqual([1])
  expect(slope(relu)).toEqual([0])
  expect(slope((x) => norm(x) as Tensor)).toEqual([0])
})

test("relu and abs pass NaN on", () => {
  expect(dataOf(relu(tensor([Number.NaN, -1, 2])))).toEqual([Number.NaN, 0, 2])
  expect(dataOf(abs(tensor([Number.NaN, -1, 2])))).toEqual([Number.NaN, 1, 2])
})

test("constants", () => {
  const x = tensor([[1, 2]])
  expect(dataOf(zerosLike(x))).toEqual([0, 0])
  expect(dataOf(onesLike(x))).toEqual([1, 1])
  expect(dataOf(full([2], 3))).toEqual([3, 3])
  expect(ndOf(zeros([2, 0])).shape).toEqual([2, 0])
})

test("log of softmax is logSoftmax", async () => {
  await laws.assert(
    laws.sameFunction(
      (x: Tensor) => log(softmax(x)),
      (x: Tensor) => logSoftmax(x),
      [normal([2, 4])] as never,
    ),
  )
})

test("square and dot are their formulas", () => {
  const pairs = shape({ rank: [0, 2] }).chain((s) => fc.tuple(normal(s), normal(s)))
  fc.assert(
    fc.property(pairs, ([a, b]) => {
      const [x, y] = [ndOf(a), ndOf(b)]
      near(
        square(a as Tensor),
        map((n) => (n as number) ** 2, x),
      )
      near(dot(a as Tensor, b as Tensor), { shape: [], data: Float64Array.of(total(indices(x.shape).map((i) => get(x, i) * get(y, i)))) })
    }),
  )
})
