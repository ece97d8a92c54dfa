import * as fc from "fast-check"
import { expect, test } from "vitest"
import { type Tensor, tensor } from "../../src/core/index.js"
import { normal, shape } from "../../src/laws/arbitraries/index.js"
import { diag, diagonal, kron, outer, trace, tril, triu, zeros } from "../../src/ops/index.js"
import { accumulate, get, make, type Nd } from "./reference/nd.js"
import { dataOf, expectSame, ndOf } from "./support.js"

const matrices = fc.tuple(shape({ rank: [2, 3], size: [1, 4] }).chain(normal) as fc.Arbitrary<Tensor>, fc.integer({ min: -5, max: 5 }))
const last = (i: readonly number[]) => [i.at(-2) as number, i.at(-1) as number] as const

test("tril and triu keep a triangle", () => {
  fc.assert(
    fc.property(matrices, ([x, k]) => {
      const a = ndOf(x)
      const keep = (when: (row: number, column: number) => boolean): Nd => make(a.shape, (i) => (when(...last(i)) ? get(a, i) : 0))
      expectSame(
        tril(x, k),
        keep((r, c) => c - r <= k),
      )
      expectSame(
        triu(x, k),
        keep((r, c) => c - r >= k),
      )
    }),
  )
})

test("what lies outside a triangle may be anything", () => {
  expect(dataOf(tril(tensor([[1, Number.NaN], [2, 3]]) as Tensor))).toEqual([1, 0, 2, 3]) // biome-ignore format: a matrix
})

test("diagonal, trace and diag read and write x[i, i + k]", () => {
  fc.assert(
    fc.property(matrices, ([x, k]) => {
      const a = ndOf(x)
      const lead = a.shape.slice(0, -2)
      const [m, n] = last(a.shape)
      const places: (readonly [number, number])[] = []
      for (let r = 0; r < m; r++) if (r + k >= 0 && r + k < n) places.push([r, r + k])
      const expected = make([...lead, places.length], (i) =>
        get(a, [...i.slice(0, -1), ...(places[i.at(-1) as number] as readonly number[])]),
      )
      const found = diagonal(x, k)
      expectSame(found, expected)
      expectSame(
        trace(x, k),
        accumulate(lead, (add) => {
          for (let j = 0; j < places.length; j++)
            for (const i of make(lead, () => 0).data.keys()) {
              const index = lead.length === 0 ? [] : [i]
              add(index, get(a, [...index, ...(places[j] as readonly number[])]))
            }
        }),
      )
      const size = places.length + Math.abs(k)
      expectSame(
        diag(found, k),
        make([...lead, size, size], (i) => {
          const [r, c] = last(i)
          return c - r === k ? get(expected, [...i.slice(0, -2), Math.min(r, c)]) : 0
        }),
      )
    }),
  )
})

test("outer and kron are all products", () => {
  const vectors = fc.tuple(shape({ rank: [1, 1] }).chain(normal), shape({ rank: [1, 1] }).chain(normal)) as fc.Arbitrary<[Tensor, Tensor]>
  fc.assert(
    fc.property(vectors, ([x, y]) => {
      const [a, b] = [ndOf(x), ndOf(y)]
      expectSame(
        outer(x, y),
        make([...a.shape, ...b.shape], ([i, j]) => get(a, [i as number]) * get(b, [j as number])),
      )
    }),
  )
  const pair = shape({ rank: [2, 2], size: [1, 3] }).chain(normal) as fc.Arbitrary<Tensor>
  fc.assert(
    fc.property(pair, pair, (x, y) => {
      const [a, b] = [ndOf(x), ndOf(y)]
      const [p, q] = b.shape as [number, number]
      expectSame(
        kron(x, y),
        make([(a.shape[0] as number) * p, (a.shape[1] as number) * q], ([i, j]) => {
          const [r, c] = [i as number, j as number]
          return get(a, [Math.floor(r / p), Math.floor(c / q)]) * get(b, [r % p, c % q])
        }),
      )
    }),
  )
})

test("what is no matrix is refused", () => {
  expect(() => tril(zeros([3]))).toThrow(/tril: expected at least two axes, found float\[3\]/)
  expect(() => diagonal(zeros([3, 3]), 0.5)).toThrow(/diagonal: expected a whole number/)
  expect(() => diag(tensor(1) as Tensor)).toThrow(/diag: expected at least one axis/)
  expect(() => outer(zeros([2, 2]) as never, zeros([2]))).toThrow(/outer: expected vectors/)
  expect(() => kron(zeros([2]) as Tensor, zeros([2, 2]))).toThrow(/kron: expected matrices/)
})
