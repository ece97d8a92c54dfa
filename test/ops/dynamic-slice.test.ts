import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { grad, type Tensor, tensor } from "../../src/core/index.js"
import { dynamicSlice, mul, sum, updateSlice, vmap, zeros } from "../../src/ops/index.js"
import { get, make } from "./reference/nd.js"
import { dataOf, drawn, expectSame, leaf, ndOf, testReferences } from "./support.js"

testReferences("dynamicSlice", "updateSlice")

type Int = Tensor<[], "int">
const int = (n: number) => tensor(n, "int") as Int

/** A tensor, a box of some size in it, and a start that may lie far outside. */
const boxes = drawn((d) => {
  const shape = Array.from({ length: d.int(1, 3) }, () => d.int(1, 4))
  const size = shape.map((n) => d.int(0, n))
  const start = shape.map(() => d.int(-3, 7))
  const values = (s: readonly number[]) => leaf({ elem: "float", shape: s }, d.values({ elem: "float", shape: s }, { t: "real" })) as Tensor
  return {
    x: values(shape),
    u: values(size),
    size,
    start,
    corner: shape.map((n, a) => Math.min(Math.max(start[a] as number, 0), n - (size[a] as number))),
  }
})

test("dynamicSlice is the box at the clamped start, given as numbers or as data", () => {
  fc.assert(
    fc.property(boxes, ({ x, size, start, corner }) => {
      const expected = make(size, (i) =>
        get(
          ndOf(x),
          i.map((k, a) => k + (corner[a] as number)),
        ),
      )
      expectSame(dynamicSlice(x, start.map(int), size), expected)
      expectSame(dynamicSlice(x, start, size), expected)
    }),
  )
})

test("updateSlice replaces the box at the clamped start", () => {
  fc.assert(
    fc.property(boxes, ({ x, u, start, corner }) => {
      const [a, b] = [ndOf(x), ndOf(u)]
      const expected = make(a.shape, (i) => {
        const at = i.map((k, axis) => k - (corner[axis] as number))
        return at.every((k, axis) => k >= 0 && k < (b.shape[axis] as number)) ? get(b, at) : get(a, i)
      })
      expectSame(updateSlice(x, u, start.map(int)), expected)
    }),
  )
})

test("each has its own cotangent: the operand's is zero where it is replaced", () => {
  const weights = tensor([1, 10, 100, 1000]) as Tensor
  const loss = (x: Tensor, u: Tensor) => sum(mul(updateSlice(x, u, [int(1)]), weights) as Tensor) as Tensor<[]>
  const [x, u] = [zeros([4]), zeros([2])]
  expect(dataOf(grad((t: Tensor) => loss(t, u))(x as never) as never)).toEqual([1, 0, 0, 1000])
  expect(dataOf(grad((t: Tensor) => loss(x, t))(u as never) as never)).toEqual([10, 100])
})

test("rows of a vmap have starts of their own", () => {
  const x = tensor([1, 2, 3, 4]) as Tensor
  const starts = tensor([2, 0, 9], "int")
  const cut = vmap((s: Int) => dynamicSlice(x, [s], [2]))(starts) as Tensor
  expect(dataOf(cut)).toEqual([3, 4, 1, 2, 3, 4])
  const put = vmap((s: Int) => updateSlice(x, tensor([7]) as Tensor, [s]))(starts) as Tensor
  expect(dataOf(put)).toEqual([1, 2, 7, 4, 7, 2, 3, 4, 1, 2, 3, 7])
})

describe("other kinds, and what does not fit", () => {
  test("truth values and whole numbers", () => {
    expect(dataOf(dynamicSlice(tensor([true, false, true], "bool"), [int(1)], [2]))).toEqual([0, 1])
    expect(dataOf(updateSlice(tensor([1, 2, 3], "int"), tensor([9], "int"), [int(1)]))).toEqual([1, 9, 3])
  })
  test("is refused in words", () => {
    expect(() => dynamicSlice(zeros([4]), [0], [5])).toThrow(/dynamicSlice: 5 elements do not fit in axis 0 of float\[4\]/)
    expect(() => dynamicSlice(zeros([4, 4]), [0], [1, 1])).toThrow(/dynamicSlice: expected a start for each axis/)
    expect(() => dynamicSlice(zeros([4, 4]), [0, 0], [1])).toThrow(/dynamicSlice: expected a size for each axis/)
    expect(() => dynamicSlice(zeros([4]), [tensor(1) as never], [1])).toThrow(/element kinds differ|expected int starts/)
    expect(() => updateSlice(zeros([4]), zeros([5]), [0])).toThrow(/updateSlice: the update float\[5\] does not lie in float\[4\]/)
    expect(() => updateSlice(zeros([4]), tensor([1], "int") as never, [0])).toThrow(/updateSlice/)
  })
})
