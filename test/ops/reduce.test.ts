import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { grad, type Tensor, tensor } from "../../src/core/index.js"
import { integers } from "../../src/laws/arbitraries/index.js"
import { all, any, argmax, max, mean, min, sum, sumInt } from "../../src/ops/index.js"
import { accumulate, get, indices, make, type Nd, size } from "./reference/nd.js"
import { dataOf, drawn, expectSame, leaf, ndOf, testReferences } from "./support.js"

testReferences("sum", "max")

/** A tensor of small whole numbers (many ties) and some of its axes, one of them counted from the last. */
const cases = drawn((d) => {
  const shape = Array.from({ length: d.int(1, 3) }, () => d.int(1, 4))
  const axes = shape.map((_, a) => a).filter(() => d.bool())
  const data = Array.from({ length: size(shape) }, () => d.int(-2, 2))
  return { x: leaf({ elem: "float", shape }, data) as Tensor, axes, given: axes.map((a, i) => (i === 0 ? a - shape.length : a)) }
})

const groups = (x: Nd, axes: readonly number[]) => {
  const kept = x.shape.filter((_, a) => !axes.includes(a))
  return {
    kept,
    of: (at: readonly number[]) =>
      indices(x.shape)
        .filter((i) => i.filter((_, a) => !axes.includes(a)).join() === at.join())
        .map((i) => get(x, i)),
  }
}

const reductions = [
  ["sum", sum, (xs: readonly number[]) => xs.reduce((s, x) => s + x, 0)],
  ["mean", mean, (xs: readonly number[]) => xs.reduce((s, x) => s + x, 0) / xs.length],
  ["max", max, (xs: readonly number[]) => Math.max(...xs)],
  ["min", min, (xs: readonly number[]) => Math.min(...xs)],
] as const

test.each(reductions)("%s over some axes is that of each group", (_name, op, f) => {
  fc.assert(
    fc.property(cases, ({ x, axes, given }) => {
      const a = ndOf(x)
      const { kept, of } = groups(a, axes)
      expectSame(
        op(x, given) as Tensor,
        make(kept, (i) => f(of(i))),
      )
    }),
  )
})

test.each(reductions)("%s keeps reduced axes with size 1 where asked", (_name, op) => {
  fc.assert(
    fc.property(cases, ({ x, axes, given }) => {
      const shape = x.shape.map((d, a) => (axes.includes(a) ? 1 : d))
      expectSame(op(x, given, { keepDims: true }), { shape, data: ndOf(op(x, given)).data })
    }),
  )
})

describe("max", () => {
  test("NaN wins, wherever it stands", () => {
    expect(dataOf(max(tensor([1, Number.NaN, 3]) as Tensor))).toEqual([Number.NaN])
    expect(dataOf(max(tensor([Number.NaN, 1, 3]) as Tensor))).toEqual([Number.NaN])
    expect(dataOf(min(tensor([3, 1, Number.NaN]) as Tensor))).toEqual([Number.NaN])
  })

  test("of nothing it is -Infinity", () => {
    expect(dataOf(max(leaf({ elem: "float", shape: [2, 0] }, []) as Tensor, [1]))).toEqual([
      Number.NEGATIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ])
  })

  test("the derivative is shared evenly at ties", () => {
    const g = grad((x: Tensor) => max(x) as Tensor<[]>)(tensor([1, 3, 3, 0, 3]) as never)
    expect(dataOf(g as never)).toEqual([0, 1 / 3, 1 / 3, 0, 1 / 3])
  })

  test("gradients at ties add up to the cotangent, in every group", () => {
    fc.assert(
      fc.property(cases, ({ x, axes }) => {
        const a = ndOf(x)
        const g = ndOf(grad((t: Tensor) => sum(max(t, axes) as Tensor) as Tensor<[]>)(x as never) as never)
        const total = accumulate(groups(a, axes).kept, (add) => {
          for (const i of indices(a.shape))
            add(
              i.filter((_, k) => !axes.includes(k)),
              get(g, i),
            )
        })
        for (const n of total.data) expect(n).toBeCloseTo(1, 12)
      }),
    )
  })
})

describe("argmax", () => {
  test("is the first of the largest", () => {
    fc.assert(
      fc.property(cases, fc.nat(), ({ x }, pick) => {
        const a = ndOf(x)
        const axis = pick % a.shape.length
        const { kept, of } = groups(a, [axis])
        expectSame(
          argmax(x, axis),
          make(kept, (i) => of(i).indexOf(Math.max(...of(i)))),
        )
      }),
    )
  })
})

test("of nothing, none is true and all are", () => {
  const none = tensor([], [0, 2], "bool")
  expect(dataOf(any(none))).toEqual([0])
  expect(dataOf(all(none))).toEqual([1])
  expect(dataOf(any(none, [0]))).toEqual([0, 0])
})

test("any and all", () => {
  const x = tensor([
    [true, false],
    [true, true],
  ])
  expect(dataOf(any(x, [1]))).toEqual([1, 1])
  expect(dataOf(all(x, [1]))).toEqual([0, 1])
  expect(dataOf(all(x))).toEqual([0])
})

test("sums of whole numbers are whole numbers", () => {
  fc.assert(
    fc.property(integers([2, 3]), (x) => {
      const out = sumInt(x, [0])
      expect(out.type).toEqual({ elem: "int", shape: [3] })
      const a = ndOf(x)
      expect(dataOf(out)).toEqual([0, 1, 2].map((j) => get(a, [0, j]) + get(a, [1, j])))
    }),
  )
})

test("the mean of nothing is NaN", () => {
  expect(dataOf(mean(leaf({ elem: "float", shape: [0] }, []) as Tensor))).toEqual([Number.NaN])
})

test("axes that do not exist, or stand twice, are refused by name", () => {
  expect(() => sum(tensor([1, 2]) as Tensor, [1])).toThrow(/sum: axis 1 does not exist/)
  expect(() => max(tensor([1, 2]) as Tensor, [0, -1])).toThrow(/max: axis -1 is named twice/)
})
