import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { grad, type Tensor, tensor } from "../../src/core/index.js"
import { avgPool, globalAvgPool, globalMaxPool, maxPool, mul, reshape, sum, zeros } from "../../src/ops/index.js"
import { jaxValues } from "./reference/jax-values.js"
import { get, indices, make, type Nd } from "./reference/nd.js"
import { dataOf, drawn, expectSame, leaf, ndOf } from "./support.js"

interface Plain {
  readonly size: readonly number[]
  readonly stride: readonly number[]
  readonly padding: readonly (readonly [number, number])[]
}

/** What is made of the elements inside each window; how many places a window has is the second argument. */
const pooled = (x: Nd, { size, stride, padding }: Plain, of: (seen: readonly number[], places: number) => number): Nd => {
  const spatial = x.shape.slice(1, -1)
  const outputs = spatial.map((s, j) => Math.floor((s + (padding[j]?.[0] as number) + (padding[j]?.[1] as number) - (size[j] as number)) / (stride[j] as number)) + 1) // biome-ignore format: one formula
  return make([x.shape[0] as number, ...outputs, x.shape.at(-1) as number], (i) => {
    const seen = indices(size).flatMap((k) => {
      const at = k.map((w, j) => (i[j + 1] as number) * (stride[j] as number) + w - (padding[j]?.[0] as number))
      return at.every((p, j) => p >= 0 && p < (spatial[j] as number)) ? [get(x, [i[0] as number, ...at, i.at(-1) as number])] : []
    })
    return of(
      seen,
      size.reduce((n, k) => n * k, 1),
    )
  })
}

const cases = drawn((d) => {
  const n = d.int(1, 3)
  const each = (lo: number, hi: number) => Array.from({ length: n }, () => d.int(lo, hi))
  const [size, stride] = [each(1, 3), each(1, 3)]
  const padding = size.map((k): readonly [number, number] => [d.int(0, k - 1), d.int(0, k - 1)])
  const shape = [d.int(1, 2), ...size.map((k) => k + d.int(0, 2)), d.int(1, 2)]
  return { x: leaf({ elem: "float", shape }, d.values({ elem: "float", shape }, { t: "real" })) as Tensor, how: { size, stride, padding } }
})
const total = (seen: readonly number[]) => seen.reduce((s, v) => s + v, 0)

test("pools are the largest and the mean of what every window sees, in one to three dimensions", () => {
  fc.assert(
    fc.property(cases, ({ x, how }) => {
      const { size, ...options } = how
      const a = ndOf(x)
      expectSame(
        maxPool(x, size, options),
        pooled(a, how, (seen) => Math.max(...seen)),
      )
      expectSame(
        avgPool(x, size, options),
        pooled(a, how, (seen, places) => total(seen) / places),
      )
      expectSame(
        avgPool(x, size, { ...options, countIncludePad: false }),
        pooled(a, how, (seen) => total(seen) / seen.length),
      )
    }),
    { numRuns: 40 },
  )
})

test("as JAX has it", () => {
  const x = leaf(
    { elem: "float", shape: [1, 5, 4, 2] },
    Array.from({ length: 40 }, (_, i) => (((i * 7) % 11) - 5) / 4),
  ) as Tensor
  const padding = [[1, 1], [0, 1]] as const // biome-ignore format: pairs
  const { maxPool: largest, avgPoolSame } = jaxValues
  expectSame(maxPool(x, [3, 2], { stride: [2, 1], padding }), { shape: largest.shape, data: Float64Array.from(largest.data) })
  const mean = avgPool(x, 3, { stride: 2, padding: "same", countIncludePad: false })
  expect(mean.shape).toEqual(avgPoolSame.shape)
  dataOf(mean).forEach((v, i) => {
    expect(v).toBeCloseTo(avgPoolSame.data[i] as number, 14)
  })
})

describe("choices", () => {
  const line = (...xs: readonly number[]) => reshape(tensor(xs) as Tensor, [1, xs.length, 1])

  test("windows lie side by side by default", () => {
    expect(maxPool(zeros([2, 28, 28, 3]), 2).shape).toEqual([2, 14, 14, 3])
    expect(avgPool(zeros([2, 9, 9, 3]), [2, 4]).shape).toEqual([2, 4, 2, 3])
    expect(maxPool(zeros([1, 5, 1]), 3, { stride: 2, padding: "same" }).shape).toEqual([1, 3, 1])
  })

  test("padding is never the largest, and nothing else is -Infinity", () => {
    expect(dataOf(maxPool(line(-3, -2), 2, { stride: 1, padding: 1 }))).toEqual([-3, -2, -2])
    expect(dataOf(maxPool(line(-3), 1, { padding: 1 }))).toEqual([Number.NEGATIVE_INFINITY, -3, Number.NEGATIVE_INFINITY])
  })

  test("NaN is passed on by the windows that see it", () => {
    expect(dataOf(maxPool(line(1, Number.NaN, 2, 3), 2))).toEqual([Number.NaN, 3])
  })

  test("at ties the derivative is shared evenly", () => {
    const loss = (x: Tensor) => sum(mul(maxPool(reshape(x, [1, 4, 1]), 2), 6) as Tensor) as Tensor<[]>
    expect(dataOf(grad(loss)(tensor([5, 5, 1, 2]) as never) as never)).toEqual([3, 3, 0, 6])
  })

  test("global pools keep batch and channels", () => {
    const x = tensor([[[[1, 10], [2, 20]], [[3, 30], [6, 20]]]]) as Tensor // biome-ignore format: an image
    expect(dataOf(globalMaxPool(x))).toEqual([6, 30])
    expect(dataOf(globalAvgPool(x))).toEqual([3, 20])
    expect(globalAvgPool(x).shape).toEqual([1, 2])
  })

  test("what does not fit is refused", () => {
    expect(() => maxPool(zeros([1, 3, 1]), 4)).toThrow(/maxPool: a window of 4|windows: a window of 4/)
    expect(() => avgPool(zeros([3, 4]) as Tensor, 2)).toThrow(/avgPool: expected x/)
    expect(() => globalMaxPool(zeros([3, 4]) as Tensor)).toThrow(/globalMaxPool: expected x/)
  })
})
