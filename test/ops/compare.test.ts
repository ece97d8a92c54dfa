import { describe, expect, test } from "vitest"
import { grad, type Tensor, tensor } from "../../src/core/index.js"
import { and, equal, finite, greater, less, lessEqual, log, not, or, sum, where } from "../../src/ops/index.js"
import { dataOf, leaf, specials, testReferences, testSpecials } from "./support.js"

testReferences("less", "lessEqual", "equal", "and", "or", "not", "isFinite", "select")
for (const name of ["less", "lessEqual", "equal"]) testSpecials(name, 2)
testSpecials("isFinite", 1)

test("every comparison with NaN is false", () => {
  const nan = tensor([Number.NaN])
  for (const c of [less, lessEqual, greater, equal]) {
    expect(dataOf(c(nan, tensor([1])))).toEqual([0])
    expect(dataOf(c(nan, nan))).toEqual([0])
  }
})

test("greater is less, turned round, in both forms", () => {
  const [a, b] = [tensor([1, 2, 3]), tensor([2, 2, 2])]
  expect(dataOf(greater(a, b))).toEqual([0, 0, 1])
  expect(dataOf(greater(b)(a))).toEqual([0, 0, 1])
})

test("truth tables", () => {
  const [p, q] = [tensor([false, false, true, true]), tensor([false, true, false, true])]
  expect(dataOf(and(p, q))).toEqual([0, 0, 0, 1])
  expect(dataOf(or(p, q))).toEqual([0, 1, 1, 1])
  expect(dataOf(not(p))).toEqual([1, 1, 0, 0])
})

test("finite is neither NaN nor an infinity", () => {
  expect(dataOf(finite(leaf({ elem: "float", shape: [specials.length] }, specials) as Tensor))).toEqual(
    specials.map((x) => (Number.isFinite(x) ? 1 : 0)),
  )
})

describe("where", () => {
  test("broadcasts all three", () => {
    expect(dataOf(where(tensor([[true], [false]]), tensor([1, 2]) as Tensor, 0))).toEqual([1, 2, 0, 0])
  })

  test("what is not chosen may be NaN, and gets no cotangent", () => {
    const f = (x: Tensor) => sum(where(greater(x, 0), x, log(x) as Tensor))
    expect(dataOf(where(tensor([true]), 1, leaf({ elem: "float", shape: [1] }, [Number.NaN]) as Tensor))).toEqual([1])
    expect(dataOf(grad(f as never)(tensor([2, 3]) as never) as never)).toEqual([1, 1])
  })

  test("selects keys limb by limb", () => {
    const type = { elem: "key", shape: [2] } as const
    const [a, b] = [leaf(type, [1, 2, 3, 4, 5, 6, 7, 8]), leaf(type, [9, 10, 11, 12, 13, 14, 15, 16])]
    expect(dataOf(where(tensor([true, false]), a as never, b as never))).toEqual([1, 2, 3, 4, 13, 14, 15, 16])
  })
})
