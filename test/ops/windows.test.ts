import * as fc from "fast-check"
import { expect, test } from "vitest"
import { type Tensor, tensor } from "../../src/core/index.js"
import { mul, overlapAdd, sum, windows, zeros } from "../../src/ops/index.js"
import { accumulate, get, indices } from "./reference/nd.js"
import { dataOf, drawn, expectSame, leaf, ndOf, testReferences } from "./support.js"

testReferences("windows", "overlapAdd")

const cases = drawn((d) => {
  const n = d.int(1, 2)
  const each = (lo: number, hi: number) => Array.from({ length: n }, () => d.int(lo, hi))
  const [size, stride, dilation] = [each(1, 3), each(1, 3), each(1, 2)]
  const reach = size.map((k, j) => (k - 1) * (dilation[j] as number) + 1)
  const spatial = reach.map((r) => r + d.int(0, 3))
  const padding = size.map((): readonly [number, number] => [d.int(-1, 2), d.int(0, 2)])
  const fits = spatial.map((s, j) => s + (padding[j]?.[0] as number) >= (reach[j] as number))
  const safe = padding.map(([before, after], j): readonly [number, number] => (fits[j] ? [before, after] : [0, after]))
  const shape = [d.int(1, 2), ...spatial, d.int(1, 2)]
  const x = leaf({ elem: "float", shape }, d.values({ elem: "float", shape }, { t: "real" })) as Tensor
  return { x, size, spatial, options: { stride, dilation, padding: safe } }
})

test("windows are the elements stride o + dilation k - before, zero outside", () => {
  fc.assert(
    fc.property(cases, ({ x, size, spatial, options: { stride, dilation, padding } }) => {
      const n = size.length
      const outputs = spatial.map((s, j) => {
        const [before, after] = padding[j] as readonly [number, number]
        let count = 0
        while (count * (stride[j] as number) + ((size[j] as number) - 1) * (dilation[j] as number) < s + before + after) count++
        return count
      })
      const shape = [x.shape[0] as number, ...outputs, ...size, x.shape.at(-1) as number]
      expectSame(
        windows(x, size, { stride, dilation, padding }),
        accumulate(shape, (add) => {
          for (const i of indices(shape)) {
            const at = spatial.map((_, j) => {
              const [o, k] = [i[1 + j] as number, i[1 + n + j] as number]
              return (stride[j] as number) * o + (dilation[j] as number) * k - (padding[j]?.[0] as number)
            })
            if (at.every((p, j) => p >= 0 && p < (spatial[j] as number))) add(i, get(ndOf(x), [i[0] as number, ...at, i.at(-1) as number]))
          }
        }),
      )
    }),
    { numRuns: 30 },
  )
})

test("overlapAdd is the adjoint of windows: <windows x, w> = <x, overlapAdd w>", () => {
  fc.assert(
    fc.property(cases, ({ x, size, spatial, options }) => {
      const seen = windows(x, size, options)
      const w = leaf(
        seen.type,
        ndOf(seen).data.map((_, i) => (((i * 7) % 11) - 5) / 4),
      ) as Tensor
      const [left, right] = [sum(mul(seen, w) as Tensor), sum(mul(x, overlapAdd(w, spatial, options)) as Tensor)]
      expect(dataOf(left)).toEqual(dataOf(right))
    }),
  )
})

test("windows side by side come back as they were", () => {
  const x = tensor([[[1], [2], [3], [4]]]) as Tensor
  expect(dataOf(overlapAdd(windows(x, 2, { stride: 2 }), [4], { stride: 2 }))).toEqual([1, 2, 3, 4])
  expect(dataOf(overlapAdd(windows(x, 2), [4]))).toEqual([1, 4, 6, 4])
  expect(windows(zeros([1, 16000, 1]), 400, { stride: 160 }).shape).toEqual([1, 98, 400, 1])
})

test("what does not fit is refused", () => {
  expect(() => windows(zeros([1, 3, 1]), 4)).toThrow(/windows: a window of 4 elements is larger than the 3 of spatial axis 0/)
  expect(() => windows(zeros([1, 3, 1]), [2, 2])).toThrow(/windows: the window should be/)
  expect(() => windows(zeros([1, 3]), 2)).toThrow(/windows: expected x/)
  expect(() => overlapAdd(zeros([1, 3, 2]), [4])).toThrow(/overlapAdd: expected \[N, \.\.\.outputs, \.\.\.window, C\]/)
  expect(() => overlapAdd(zeros([1, 2, 2, 1]), [4])).toThrow(/overlapAdd: float\[1, 2, 2, 1\] should have the sizes \[3, 2\]/)
})
