import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { grad, type Tensor, tensor } from "../../src/core/index.js"
import { distinct, shape } from "../../src/laws/arbitraries/index.js"
import { cummax, cummin, cumprod, cumsum, jacobian, logcumsumexp, mul, sum, zeros } from "../../src/ops/index.js"
import { jaxValues } from "./reference/jax-values.js"
import { get, indices, type Nd, size } from "./reference/nd.js"
import { dataOf, ndOf } from "./support.js"

const logAddExp = (a: number, b: number) => {
  const m = Math.max(a, b)
  return m === Number.NEGATIVE_INFINITY ? m : m + Math.log(Math.exp(a - m) + Math.exp(b - m))
}

const ops = {
  cumsum: { op: cumsum, neutral: 0, combine: (a: number, b: number) => a + b },
  cumprod: { op: cumprod, neutral: 1, combine: (a: number, b: number) => a * b },
  cummax: { op: cummax, neutral: Number.NEGATIVE_INFINITY, combine: Math.max },
  cummin: { op: cummin, neutral: Number.POSITIVE_INFINITY, combine: Math.min },
  logcumsumexp: { op: logcumsumexp, neutral: Number.NEGATIVE_INFINITY, combine: logAddExp },
}

/** One position after the other. */
const plain = (x: Nd, axis: number, reverse: boolean, exclusive: boolean, { neutral, combine }: (typeof ops)["cumsum"]): Nd => {
  const n = x.shape[axis] as number
  const data = new Float64Array(size(x.shape))
  const place = new Map(indices(x.shape).map((i, k) => [i.join(), k]))
  for (const i of indices(x.shape.map((d, a) => (a === axis ? 1 : d)))) {
    let total = neutral
    for (let k = 0; k < n; k++) {
      const at = i.map((v, a) => (a === axis ? (reverse ? n - 1 - k : k) : v))
      const next = combine(total, get(x, at))
      data[place.get(at.join()) as number] = exclusive ? total : next
      total = next
    }
  }
  return { shape: x.shape, data }
}

const cases = shape({ rank: [1, 3], size: [1, 6] }).chain((s) =>
  fc.tuple(distinct(s) as fc.Arbitrary<Tensor>, fc.nat({ max: s.length - 1 }), fc.boolean(), fc.boolean()),
)

/** Six factors or terms below 16 in any order: at most 6 roundings of numbers no larger than the largest. */
const near = (found: Tensor, expected: Nd) => {
  const value = ndOf(found)
  expect(value.shape).toEqual(expected.shape)
  const scale = Math.max(1, ...expected.data.filter(Number.isFinite).map(Math.abs))
  expected.data.forEach((e, k) => {
    const v = value.data[k] as number
    expect(v === e || Math.abs(v - e) <= 16 * Number.EPSILON * scale, `${v} is ${e}`).toBe(true)
  })
}

test.each(Object.entries(ops))("%s goes along an axis, either way, with or without its own element", (_name, o) => {
  fc.assert(
    fc.property(cases, ([x, axis, reverse, exclusive]) => {
      near(o.op(x, axis, { reverse, exclusive }), plain(ndOf(x), axis, reverse, exclusive, o))
    }),
  )
})

test("nothing, and one element", () => {
  expect(cumsum(zeros([2, 0])).shape).toEqual([2, 0])
  expect(dataOf(cumsum(zeros([2, 0]), -1, { exclusive: true }))).toEqual([])
  expect(dataOf(cumprod(tensor([[3]])))).toEqual([3])
  expect(dataOf(cumprod(tensor([[3]]), 1, { exclusive: true }))).toEqual([1])
})

describe("NaN and infinities", () => {
  const { NaN: nan, POSITIVE_INFINITY: inf } = Number
  test("do not go backwards", () => {
    expect(dataOf(cumsum(tensor([1, inf, -inf, 1])))).toEqual([1, inf, nan, nan])
    expect(dataOf(cumprod(tensor([2, inf, 0, 1])))).toEqual([2, inf, nan, nan])
    expect(dataOf(cumsum(tensor([1, nan, 2]), 0, { reverse: true }))).toEqual([nan, nan, 2])
  })
  test("the largest and the smallest are NaN from the first NaN on", () => {
    expect(dataOf(cummax(tensor([1, 3, nan, 2, 9])))).toEqual([1, 3, nan, nan, nan])
    expect(dataOf(cummin(tensor([3, 1, nan, 2])))).toEqual([3, 1, nan, nan])
    expect(dataOf(cummax(tensor([-inf, inf, 0])))).toEqual([-inf, inf, inf])
  })
  test("masks and large numbers in logcumsumexp", () => {
    expect(dataOf(logcumsumexp(tensor([-inf, -inf, 2])))).toEqual([-inf, -inf, 2])
    expect(dataOf(logcumsumexp(tensor([1000, 1000])))).toEqual([1000, 1000 + Math.log(2)])
    const gradient = grad((x: Tensor) => sum(mul(logcumsumexp(x), tensor([0, 0, 5]) as Tensor)) as Tensor<[]>)
    expect(dataOf(gradient(tensor([-inf, -inf, 2]) as never) as never)).toEqual([0, 0, 5])
  })
  test("a number before an infinite factor keeps its derivative", () => {
    expect(dataOf(cumprod(tensor([3, inf])))).toEqual([3, inf])
    const slope = dataOf(jacobian((x) => cumprod(x))(tensor([3, inf]) as Tensor))
    expect(slope.slice(0, 2)).toEqual([1, 0])
  })
})

test("ties: the derivative goes to the latest of the largest", () => {
  const weights = tensor([1, 10, 100, 1000]) as Tensor
  const of = (op: typeof cummax) =>
    dataOf(grad((x: Tensor) => sum(mul(op(x), weights)) as Tensor<[]>)(tensor([2, 2, 2, 2]) as never) as never)
  expect(of(cummax)).toEqual([1, 10, 100, 1000])
  expect(of(cummin)).toEqual([1, 10, 100, 1000])
})

describe("as JAX has it", () => {
  const close = (found: Tensor, { data }: { readonly data: readonly number[] }) =>
    dataOf(found).forEach((x, i) => {
      expect(x).toBeCloseTo(data[i] as number, 13)
    })
  const x = tensor([0.5, -1.25, 2, 0.75, -0.5]) as Tensor
  test("logcumsumexp and its gradient", () => {
    close(logcumsumexp(x), jaxValues.cumlogsumexp)
    const loss = (t: Tensor) => sum(mul(logcumsumexp(t), tensor([1, 2, 3, 4, 5]) as Tensor)) as Tensor<[]>
    close(grad(loss)(x as never) as never, jaxValues.cumlogsumexpGradient)
  })
  test("cumprod's Jacobian where there is a zero, by both modes", () => {
    const at = tensor([2, 0, 3]) as Tensor
    close(jacobian((t) => cumprod(t))(at), jaxValues.cumprodJacobian)
    close(jacobian((t) => cumprod(t), { mode: "reverse" })(at), jaxValues.cumprodJacobian)
  })
})

test("only float, along an axis that there is", () => {
  expect(() => cumsum(tensor([1, 2], "int") as never)).toThrow(/cumsum: expected float, found int\[2\]/)
  expect(() => cumsum(tensor([1, 2]), 1)).toThrow(/cumsum: axis 1 does not exist/)
})
