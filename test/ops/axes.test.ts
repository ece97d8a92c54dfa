import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type Tensor, tensor } from "../../src/core/index.js"
import { shape, uniform } from "../../src/laws/arbitraries/index.js"
import { concat, flattenAxes, splitAxis, squeeze, stack, unstack, zeros } from "../../src/ops/index.js"
import { get, make } from "./reference/nd.js"
import { dataOf, expectSame, ndOf } from "./support.js"

const tensors = shape({ rank: [1, 4], size: [1, 3] }).chain((s) =>
  fc.tuple(uniform(s) as fc.Arbitrary<Tensor>, fc.nat({ max: s.length - 1 })),
)

test("squeeze takes axes of size 1 away, in row-major order", () => {
  fc.assert(
    fc.property(tensors, ([x]) => {
      const found = ndOf(squeeze(x))
      expect(found.shape).toEqual(x.shape.filter((d) => d !== 1))
      expect([...found.data]).toEqual(dataOf(x))
    }),
  )
  expect(squeeze(zeros([1, 3, 1]), [-1]).shape).toEqual([1, 3])
  expect(() => squeeze(zeros([1, 3]), [1])).toThrow(/squeeze: axis 1 of float\[1, 3\] has size 3/)
})

test("flattenAxes joins neighbours", () => {
  const x = tensor([[[1, 2], [3, 4]], [[5, 6], [7, 8]]]) as Tensor // biome-ignore format: a cube
  expect(flattenAxes(x).shape).toEqual([8])
  expect(flattenAxes(x, 1).shape).toEqual([2, 4])
  expect(flattenAxes(x, 0, -2).shape).toEqual([4, 2])
  expect(flattenAxes(x, 1, 1).shape).toEqual([2, 2, 2])
  expect(flattenAxes(tensor(3) as Tensor).shape).toEqual([1])
  expect(dataOf(flattenAxes(x, 1))).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  expect(() => flattenAxes(x, 2, 1)).toThrow(/flattenAxes: axis 2 comes after axis 1/)
  expect(() => flattenAxes(x, 3)).toThrow(/flattenAxes: axis 3 does not exist/)
})

describe("unstack and splitAxis", () => {
  test("unstack picks every position; stack puts them back", () => {
    fc.assert(
      fc.property(tensors, ([x, axis]) => {
        const parts = unstack(x, axis)
        const a = ndOf(x)
        expect(parts.length).toBe(a.shape[axis])
        parts.forEach((p, k) => {
          expectSame(
            p,
            make(
              a.shape.filter((_, i) => i !== axis),
              (i) => get(a, [...i.slice(0, axis), k, ...i.slice(axis)]),
            ),
          )
        })
        expectSame(stack(parts, axis), a)
      }),
    )
  })

  test("equal parts, or parts by size; concat puts them back", () => {
    const x = tensor([
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ]) as Tensor
    expect(splitAxis(x, 2).map(dataOf)).toEqual([
      [1, 2, 5, 6],
      [3, 4, 7, 8],
    ])
    const parts = splitAxis(x, [1, 0, 3], 1)
    expect(parts.map((p) => p.shape)).toEqual([
      [2, 1],
      [2, 0],
      [2, 3],
    ])
    expectSame(concat(parts, 1), ndOf(x))
    expect(splitAxis(x, 2, 0).map(dataOf)).toEqual([
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ])
  })

  test("what does not make up the axis is refused", () => {
    expect(() => splitAxis(zeros([2, 4]), 3)).toThrow(/splitAxis: 3 equal parts do not make up the 4 elements of axis 1/)
    expect(() => splitAxis(zeros([2, 4]), [1, 2])).toThrow(/splitAxis: parts of \[1, 2\]/)
    expect(() => splitAxis(zeros([2, 4]), [-1, 5])).toThrow(/splitAxis/)
  })
})

test("other kinds than float are moved too", () => {
  const x = tensor([[1, 2]], "int")
  expect(unstack(x, 1).map((t) => t.type)).toEqual([
    { elem: "int", shape: [1] },
    { elem: "int", shape: [1] },
  ])
  expect(squeeze(x).type).toEqual({ elem: "int", shape: [2] })
})
