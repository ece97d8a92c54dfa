import * as fc from "fast-check"
import { expect, test } from "vitest"
import { type Tensor, tensor } from "../../src/core/index.js"
import { shape, uniform } from "../../src/laws/arbitraries/index.js"
import { repeat, tile, zeros } from "../../src/ops/index.js"
import { get, make } from "./reference/nd.js"
import { dataOf, expectSame, ndOf } from "./support.js"

const cases = shape({ rank: [1, 3], size: [1, 3] }).chain((s) =>
  fc.tuple(uniform(s) as fc.Arbitrary<Tensor>, fc.tuple(...s.map(() => fc.nat({ max: 3 }))), fc.nat({ max: s.length - 1 })),
)

test("tile lays whole copies side by side", () => {
  fc.assert(
    fc.property(cases, ([x, copies]) => {
      const a = ndOf(x)
      expectSame(
        tile(x, copies as number[]),
        make(
          a.shape.map((d, i) => d * (copies[i] as number)),
          (i) =>
            get(
              a,
              i.map((k, d) => k % (a.shape[d] as number)),
            ),
        ),
      )
    }),
  )
})

test("repeat puts copies of each position in a row", () => {
  fc.assert(
    fc.property(cases, ([x, copies, axis]) => {
      const a = ndOf(x)
      const n = copies[0] as number
      expectSame(
        repeat(x, n, axis),
        make(
          a.shape.map((d, i) => (i === axis ? d * n : d)),
          (i) =>
            get(
              a,
              i.map((k, d) => (d === axis ? Math.floor(k / n) : k)),
            ),
        ),
      )
    }),
  )
  expect(dataOf(repeat(tensor([3, 4], "int"), 2))).toEqual([3, 3, 4, 4])
})

test("numbers of copies are whole, one an axis", () => {
  expect(() => tile(zeros([2, 2]), [1])).toThrow(/tile: expected a number of copies for each axis of float\[2, 2\]/)
  expect(() => tile(zeros([2]), [-1])).toThrow(/tile: expected a whole number of copies/)
  expect(() => repeat(zeros([2]), 1.5)).toThrow(/repeat: expected a whole number of copies/)
})
