import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { grad, type Tensor, tensor } from "../../src/core/index.js"
import { argmax, argmin, argsort, median, mul, quantile, searchSorted, sum, topK, zeros } from "../../src/ops/index.js"
import { jaxValues } from "./reference/jax-values.js"
import { dataOf, drawn, leaf } from "./support.js"

const { NaN: nan, POSITIVE_INFINITY: inf } = Number

/** Numbers with ties, infinities, both zeros and NaN. */
const roughOf = (fewest: number) =>
  drawn((d) => {
    const pool = [0, -0, 1, 1, -2, 3, nan, inf, -inf]
    return Array.from({ length: d.int(fewest, 7) }, () => pool[d.int(0, pool.length - 1)] as number)
  })
const rough = roughOf(0)
const vector = (data: readonly number[]) => leaf({ elem: "float", shape: [data.length] }, data) as Tensor

/** Positions in order: a stable insertion, NaN last in both directions. */
const inOrder = (xs: readonly number[], descending: boolean): readonly number[] => {
  const before = (a: number, b: number) => (Number.isNaN(a) ? false : Number.isNaN(b) ? true : descending ? a > b : a < b)
  const out: number[] = []
  xs.forEach((x, i) => {
    let at = out.length
    while (at > 0 && before(x, xs[out[at - 1] as number] as number)) at--
    out.splice(at, 0, i)
  })
  return out
}

describe("argsort and topK", () => {
  test("are stable in both directions, with NaN last", () => {
    fc.assert(
      fc.property(rough, fc.boolean(), (xs, descending) => {
        expect(dataOf(argsort(vector(xs), -1, { descending }))).toEqual(inOrder(xs, descending))
      }),
    )
    fc.assert(
      fc.property(rough, fc.nat({ max: 7 }), (xs, most) => {
        const k = Math.min(most, xs.length)
        const { values, positions } = topK(vector(xs), k)
        const expected = inOrder(xs, true).slice(0, k)
        expect(dataOf(positions)).toEqual(expected)
        expect(dataOf(values).map((v) => v + 0)).toEqual(expected.map((i) => (xs[i] as number) + 0))
      }),
    )
  })

  test("along another axis", () => {
    const x = tensor([
      [3, 1],
      [2, 5],
      [4, 5],
    ]) as Tensor
    expect(dataOf(argsort(x, 0))).toEqual([1, 0, 0, 1, 2, 2])
    expect(dataOf(topK(x, 1, 0).values)).toEqual([4, 5])
    expect(dataOf(topK(x, 1, 0).positions)).toEqual([2, 1])
  })

  test("the derivative of topK goes to where the values came from", () => {
    const f = (x: Tensor) => sum(mul(topK(x, 2).values, tensor([1, 10]) as Tensor)) as Tensor<[]>
    expect(dataOf(grad(f)(tensor([2, 5, 5, 1]) as never) as never).map((v) => v + 0)).toEqual([0, 1, 10, 0])
  })

  test("too many are refused", () => {
    expect(() => topK(zeros([2, 3]), 4)).toThrow(/topK: expected at most the 3 elements of axis 1 of float\[2, 3\], found 4/)
  })
})

describe("argmin and argmax", () => {
  test("give the first of equals, or the first NaN", () => {
    fc.assert(
      fc.property(roughOf(1), (xs) => {
        const firstNaN = xs.findIndex(Number.isNaN)
        const best = (f: (...n: number[]) => number) => (firstNaN >= 0 ? firstNaN : xs.indexOf(f(...xs)))
        expect(dataOf(argmin(vector(xs), 0))).toEqual([best(Math.min)])
        expect(dataOf(argmax(vector(xs), 0))).toEqual([best(Math.max)])
      }),
    )
  })
})

describe("quantile and median", () => {
  const plain = (xs: readonly number[], q: number): number => {
    if (xs.some(Number.isNaN)) return nan
    const sorted = [...xs].sort((a, b) => a - b)
    const place = q * (xs.length - 1)
    const low = Math.floor(place)
    return (sorted[low] as number) * (1 - (place - low)) + (place === low ? 0 : (sorted[low + 1] as number) * (place - low))
  }

  test("interpolate between the sorted elements; NaN if there is one", () => {
    const numbers = drawn((d) => Array.from({ length: d.int(1, 7) }, () => (d.int(0, 9) === 0 ? nan : d.int(-8, 8) / 4)))
    fc.assert(
      fc.property(numbers, fc.constantFrom(0, 0.125, 0.3, 0.5, 0.9, 1), (xs, q) => {
        expect(dataOf(quantile(vector(xs), q)).map((v) => v + 0)).toEqual([plain(xs, q) + 0])
        expect(dataOf(median(vector(xs))).map((v) => v + 0)).toEqual([plain(xs, 0.5) + 0])
      }),
    )
  })

  test("as JAX has it", () => {
    const found = quantile(tensor([3, 1, 4, 1, 5, 9, 2, 6]) as Tensor, [0.1, 0.25, 0.5, 0.9])
    expect(dataOf(found).map((x, i) => Math.abs(x - (jaxValues.quantile.data[i] as number)) < 1e-14)).toEqual([true, true, true, true])
  })

  test("infinite neighbours that are not used do not make NaN", () => {
    expect(dataOf(median(tensor([-inf, 2, inf]) as Tensor))).toEqual([2])
    expect(dataOf(quantile(tensor([1, inf]) as Tensor, 0))).toEqual([1])
  })

  test("of an axis, several at a time", () => {
    const x = tensor([
      [1, 10],
      [3, 20],
      [2, 60],
    ]) as Tensor
    const found = quantile(x, [0, 0.5, 1], 0)
    expect(found.shape).toEqual([3, 2])
    expect(dataOf(found)).toEqual([1, 10, 2, 20, 3, 60])
    expect(dataOf(median(x, 1))).toEqual([5.5, 11.5, 31])
  })

  test("the derivative goes to what is interpolated", () => {
    const f = (x: Tensor) => quantile(x, 0.25) as Tensor<[]>
    expect(dataOf(grad(f)(tensor([4, 1, 3, 2]) as never) as never)).toEqual([0, 0.25, 0, 0.75])
  })

  test("what is no quantile is refused", () => {
    expect(() => quantile(zeros([3]), 1.5)).toThrow(/quantile: expected numbers in \[0, 1\], found 1.5/)
    expect(() => quantile(zeros([3]), Number.NaN)).toThrow(/quantile/)
    expect(() => median(zeros([2, 0]))).toThrow(/quantile: axis 1 of float\[2, 0\] has no elements/)
  })
})

test("searchSorted finds the first and the last place that keep the order", () => {
  const compare = (a: number, b: number) =>
    Number.isNaN(a) ? (Number.isNaN(b) ? 0 : 1) : Number.isNaN(b) ? -1 : a < b ? -1 : a > b ? 1 : 0
  fc.assert(
    fc.property(rough, rough, (xs, values) => {
      const sorted = [...xs].sort(compare)
      const left = values.map((v) => {
        let at = 0
        while (at < sorted.length && compare(sorted[at] as number, v) < 0) at++
        return at
      })
      const right = values.map((v, i) => {
        let at = left[i] as number
        while (at < sorted.length && compare(sorted[at] as number, v) === 0) at++
        return at
      })
      expect(dataOf(searchSorted(vector(sorted), vector(values)))).toEqual(left)
      expect(dataOf(searchSorted(vector(sorted), vector(values), { side: "right" }))).toEqual(right)
    }),
  )
  expect(searchSorted(tensor([1, 2]) as Tensor, zeros([2, 3])).shape).toEqual([2, 3])
  expect(() => searchSorted(zeros([2, 2]) as Tensor, zeros([1]))).toThrow(/searchSorted: expected a sorted vector/)
})
