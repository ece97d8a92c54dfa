import * as fc from "fast-check"
import { expect, test } from "vitest"
import { grad, type Tensor, tensor } from "../../src/core/index.js"
import { shape, uniform } from "../../src/laws/arbitraries/index.js"
import { countNonZero, hessian, prod, zeros } from "../../src/ops/index.js"
import { jaxValues } from "./reference/jax-values.js"
import { get, indices, make, type Nd } from "./reference/nd.js"
import { dataOf, expectSame, ndOf } from "./support.js"

const cases = shape({ rank: [0, 3], size: [0, 4] }).chain((s) =>
  fc.tuple(uniform(s) as fc.Arbitrary<Tensor>, fc.subarray(Array.from(s.keys()))),
)

/** A reduction with a running value, by plain loops. */
const reduced = (x: Nd, axes: readonly number[], start: number, next: (total: number, v: number) => number): Nd =>
  make(
    x.shape.filter((_, a) => !axes.includes(a)),
    (kept) =>
      indices(x.shape)
        .filter((i) => i.filter((_, a) => !axes.includes(a)).join() === kept.join())
        .reduce((total, i) => next(total, get(x, i)), start),
  )

test("prod multiplies all elements, or along axes", () => {
  fc.assert(
    fc.property(cases, ([x, axes]) => {
      const expected = reduced(ndOf(x), axes, 1, (p, v) => p * v)
      const found = ndOf(prod(x, axes))
      expect(found.shape).toEqual(expected.shape)
      // up to 64 factors, rounded once each
      found.data.forEach((v, k) => {
        const e = expected.data[k] as number
        expect(Math.abs(v - e)).toBeLessThanOrEqual(64 * Number.EPSILON * Math.abs(e))
      })
    }),
  )
  expect(dataOf(prod(zeros([0])))).toEqual([1])
  expect(dataOf(prod(zeros([2, 0]), [1]))).toEqual([1, 1])
  expect(dataOf(prod(tensor([2, Number.NaN])))).toEqual([Number.NaN])
})

test("its derivatives divide by nothing: right with one zero, and with two", () => {
  expect(dataOf(grad((x: Tensor) => prod(x))(tensor([2, 0, 3]) as never) as never)).toEqual([0, 6, 0])
  expect(dataOf(grad((x: Tensor) => prod(x))(tensor([2, 0, 3, 0]) as never) as never)).toEqual([0, 0, 0, 0])
  expect(dataOf(hessian((x) => prod(x))(tensor([2, 0, 3, 0]) as Tensor))).toEqual([...jaxValues.prodHessian.data])
})

test("countNonZero counts, NaN too, in numbers and truth values", () => {
  fc.assert(
    fc.property(cases, ([x, axes]) => {
      expectSame(
        countNonZero(x, axes),
        reduced(ndOf(x), axes, 0, (n, v) => n + (v === 0 ? 0 : 1)),
      )
    }),
  )
  expect(dataOf(countNonZero(tensor([0, -0, Number.NaN, 3])))).toEqual([2])
  expect(dataOf(countNonZero(tensor([true, false, true], "bool")))).toEqual([2])
  expect(dataOf(countNonZero(tensor([[0, 2], [1, 3]], "int"), [0]))).toEqual([1, 2]) // biome-ignore format: a matrix
  expect(() => prod(zeros([2]), [1])).toThrow(/prod: axis 1 does not exist/)
})
