import * as fc from "fast-check"
import { expect, test } from "vitest"
import { type Tensor, tensor } from "../../src/core/index.js"
import { arange, linspace, meshgrid, oneHot, ones, zeros } from "../../src/ops/index.js"
import { dataOf, ndOf } from "./support.js"

test("arange counts by steps and leaves the end out", () => {
  expect(dataOf(arange(4))).toEqual([0, 1, 2, 3])
  expect(dataOf(arange(1, 2, 0.25))).toEqual([1, 1.25, 1.5, 1.75])
  expect(dataOf(arange(3, 0, -1))).toEqual([3, 2, 1])
  expect(dataOf(arange(3, 0))).toEqual([])
  expect(arange(4).type.elem).toBe("float")
  expect(() => arange(0, 1, 0)).toThrow(/arange: the step should not be 0/)
  expect(() => arange(Number.NaN)).toThrow(/arange: expected finite numbers/)
})

test("linspace meets both ends exactly", () => {
  // bounds above the smallest normal number, below which rounding is no longer relative
  const bound = fc.double({ min: -1e3, max: 1e3, noNaN: true }).map((x) => (Math.abs(x) < 1e-300 ? 0 : x))
  fc.assert(
    fc.property(bound, bound, fc.integer({ min: 2, max: 9 }), (a, b, n) => {
      const found = dataOf(linspace(a, b, n))
      expect(found.length).toBe(n)
      expect([found[0], found[n - 1]]).toEqual([a + 0, b])
      found.forEach((x, i) => {
        expect(Math.abs(x - (a + ((b - a) * i) / (n - 1)))).toBeLessThanOrEqual(8 * Number.EPSILON * Math.max(Math.abs(a), Math.abs(b)))
      })
    }),
  )
  expect(dataOf(linspace(3, 5, 1))).toEqual([3])
  expect(dataOf(linspace(3, 5, 0))).toEqual([])
  expect(() => linspace(0, Number.POSITIVE_INFINITY, 3)).toThrow(/linspace: expected finite numbers/)
})

test("meshgrid varies each vector along its own axis", () => {
  const [a, b] = meshgrid(tensor([1, 2]) as Tensor, tensor([3, 4, 5]) as Tensor) as [Tensor, Tensor]
  expect(a.shape).toEqual([2, 3])
  expect(dataOf(a)).toEqual([1, 1, 1, 2, 2, 2])
  expect(dataOf(b)).toEqual([3, 4, 5, 3, 4, 5])
  expect(() => meshgrid(zeros([2, 2]) as Tensor)).toThrow(/meshgrid: expected vectors/)
})

test("oneHot marks the index, and nothing for one outside", () => {
  const hot = oneHot(
    tensor(
      [
        [2, 0],
        [3, -1],
      ],
      "int",
    ),
    3,
  )
  expect(ndOf(hot).shape).toEqual([2, 2, 3])
  expect(dataOf(hot)).toEqual([0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0])
  expect(() => oneHot(tensor([1]) as never, 3)).toThrow(/oneHot: expected int indices, found float/)
})

test("ones", () => {
  expect(dataOf(ones([2, 2]))).toEqual([1, 1, 1, 1])
})
