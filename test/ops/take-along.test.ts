import * as fc from "fast-check"
import { expect, test } from "vitest"
import { grad, type Tensor, tensor, type Unchecked } from "../../src/core/index.js"
import { mul, scatterSet, sum, takeAlong, zeros } from "../../src/ops/index.js"
import { get, make } from "./reference/nd.js"
import { dataOf, drawn, expectSame, leaf, ndOf } from "./support.js"

type Indices = Tensor<Unchecked, "int">
const int = (x: readonly number[] | readonly (readonly number[])[]) => tensor(x as never, "int") as Indices

/** A tensor and positions along one of its axes, some outside; on the other axes either may have size 1. */
const picks = drawn((d) => {
  const full = Array.from({ length: d.int(1, 3) }, () => d.int(1, 3))
  const axis = d.int(0, full.length - 1)
  const thinned = (own: number) => full.map((n, a) => (a === axis ? own : d.int(0, 3) === 0 ? 1 : n))
  const [shape, at] = [thinned(full[axis] as number), thinned(d.int(0, 4))]
  const n = shape[axis] as number
  const size = at.reduce((m, k) => m * k, 1)
  return {
    axis,
    x: leaf({ elem: "float", shape }, d.values({ elem: "float", shape }, { t: "real" })) as Tensor,
    indices: leaf(
      { elem: "int", shape: at },
      Array.from({ length: size }, () => d.int(-n - 1, n)),
    ) as unknown as Indices,
  }
})

test("takeAlong picks place by place; negative positions wrap once, outside it reads zero", () => {
  fc.assert(
    fc.property(picks, ({ x, indices, axis }) => {
      const [a, at] = [ndOf(x), ndOf(indices)]
      const out = a.shape.map((d, k) => (k === axis ? (at.shape[k] as number) : Math.max(d, at.shape[k] as number)))
      const within = (i: readonly number[], shape: readonly number[]) => i.map((k, d) => (shape[d] === 1 && d !== axis ? 0 : k))
      expectSame(
        takeAlong(x, indices, axis),
        make(out, (i) => {
          const position = get(at, within(i, at.shape))
          const n = a.shape[axis] as number
          const from = position < 0 ? position + n : position
          if (from < 0 || from >= n) return 0
          return get(
            a,
            within(i, a.shape).map((k, d) => (d === axis ? from : k)),
          )
        }),
      )
    }),
  )
})

test("what does not fit is refused", () => {
  expect(() => takeAlong(zeros([2, 3]), int([1]))).toThrow(/takeAlong: expected int indices with the axes of float\[2, 3\], found int\[1\]/)
  expect(() => takeAlong(zeros([2, 3]), zeros([2, 1]) as never)).toThrow(/takeAlong: expected int indices/)
  expect(() => takeAlong(zeros([2, 3]), int([[0], [0], [0]]))).toThrow(/takeAlong: shapes do not broadcast/)
  expect(() => scatterSet(zeros([3]), int([0]), zeros([2]))).toThrow(/scatterSet: float\[3\] takes updates \[1\]/)
})

test("scatterSet replaces rows, drops what is outside, and keeps the rest", () => {
  const x = tensor([
    [1, 2],
    [3, 4],
    [5, Number.NaN],
  ]) as Tensor
  const u = tensor([
    [7, 8],
    [9, 9],
    [0, 6],
  ]) as Tensor
  expect(dataOf(scatterSet(x, int([2, 5, 0]), u))).toEqual([0, 6, 3, 4, 7, 8])
  expect(dataOf(scatterSet(zeros([2]), int([1, 1]), tensor([2, 3]) as Tensor))).toEqual([0, 5])
  const weights = tensor([1, 10, 100]) as Tensor
  const loss = (t: Tensor, v: Tensor) => sum(mul(scatterSet(t, int([2, 9]), v), weights) as Tensor) as Tensor<[]>
  expect(dataOf(grad((t: Tensor) => loss(t, zeros([2])))(zeros([3]) as never) as never)).toEqual([1, 10, 0])
  expect(dataOf(grad((v: Tensor) => loss(zeros([3]), v))(zeros([2]) as never) as never)).toEqual([100, 0])
})
