import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { grad, type Tensor, tensor } from "../../src/core/index.js"
import { mul, scatterAdd, sum, take, takeRows } from "../../src/ops/index.js"
import { get, make } from "./reference/nd.js"
import { dataOf, drawn, expectSame, leaf, ndOf, testReferences } from "./support.js"

testReferences("gather", "scatterAdd")

type Indices = Parameters<typeof take>[1]

/** A tensor, one of its axes, and indices of any shape, some of them outside. */
const picks = drawn((d) => {
  const shape = Array.from({ length: d.int(1, 3) }, () => d.int(1, 3))
  const axis = d.int(0, shape.length - 1)
  const at = Array.from({ length: d.int(0, 2) }, () => d.int(1, 3))
  const [x, i] = [{ elem: "float", shape } as const, { elem: "int", shape: at } as const]
  const below = shape[axis] as number
  return {
    x: leaf(x, d.values(x, { t: "real" })) as Tensor,
    indices: leaf(i, d.values(i, { t: "index", below })) as unknown as Indices,
    axis,
  }
})

test("take puts the axes of the indices where the axis was; outside it reads zero", () => {
  fc.assert(
    fc.property(picks, ({ x, indices, axis }) => {
      const [a, at] = [ndOf(x), ndOf(indices)]
      const out = [...a.shape.slice(0, axis), ...at.shape, ...a.shape.slice(axis + 1)]
      expectSame(
        take(x, indices, axis),
        make(out, (i) => {
          const where = get(at, i.slice(axis, axis + at.shape.length))
          if (where < 0 || where >= (a.shape[axis] as number)) return 0
          return get(a, [...i.slice(0, axis), where, ...i.slice(axis + at.shape.length)])
        }),
      )
    }),
  )
})

test("takeRows picks for each row of its own", () => {
  const x = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]) as Tensor
  const at = tensor(
    [
      [2, 0, 3],
      [-1, 1, 1],
    ],
    "int",
  ) as unknown as Indices
  expect(dataOf(takeRows(x, at, 1))).toEqual([3, 1, 0, 0, 5, 5])
})

describe("outside the range", () => {
  test("a gather reads zero even where the operand holds NaN, and gives it no cotangent", () => {
    const x = tensor([Number.NaN, 1])
    expect(dataOf(take(x as Tensor, tensor([-1, 2, 1], "int") as unknown as Indices))).toEqual([0, 0, 1])
    const f = (t: Tensor) => sum(take(t, tensor([-1, 2, 1, 1], "int") as unknown as Indices)) as Tensor<[]>
    expect(dataOf(grad(f)(x as never) as never)).toEqual([0, 2])
  })

  test("a scatterAdd drops, also NaN, and what was dropped gets the cotangent zero", () => {
    const at = tensor([-1, 3, 1, 1], "int") as unknown as Indices
    expect(dataOf(scatterAdd(tensor([Number.NaN, Number.NaN, 1, 2]) as Tensor, at, 3))).toEqual([0, 3, 0])
    const f = (u: Tensor) => sum(mul(scatterAdd(u, at, 3), tensor([5, 6, 7]) as Tensor)) as Tensor<[]>
    expect(dataOf(grad(f)(tensor([1, 1, 1, 1]) as never) as never)).toEqual([0, 0, 6, 6])
  })
})

test("indices of another kind, or with other leading axes, are refused", () => {
  expect(() => take(tensor([1, 2]) as Tensor, tensor([0]) as unknown as Indices)).toThrow(/gather: expected int indices/)
  expect(() => takeRows(tensor([[1], [2]]) as Tensor, tensor([[0]], "int") as unknown as Indices, 1)).toThrow(
    /gather.*float\[2, 1\].*int\[1, 1\]/,
  )
  expect(() => take(tensor(1) as Tensor, tensor([0], "int") as unknown as Indices)).toThrow(/take|gather/)
})
