import * as fc from "fast-check"
import { expect, test } from "vitest"
import { type Tensor, tensor } from "../../src/core/index.js"
import { shape, uniform } from "../../src/laws/arbitraries/index.js"
import { reverse, roll, zeros } from "../../src/ops/index.js"
import { get, make } from "./reference/nd.js"
import { dataOf, expectSame, ndOf, testReferences } from "./support.js"

testReferences("reverse")

test("reverse turns all axes, or those given", () => {
  const x = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]) as Tensor
  expect(dataOf(reverse(x))).toEqual([6, 5, 4, 3, 2, 1])
  expect(dataOf(reverse(x, [-1]))).toEqual([3, 2, 1, 6, 5, 4])
  expect(dataOf(reverse(x, [0]))).toEqual([4, 5, 6, 1, 2, 3])
  expect(dataOf(reverse(x, []))).toEqual([1, 2, 3, 4, 5, 6])
  expect(dataOf(reverse(tensor([true, false], "bool")))).toEqual([0, 1])
  expect(() => reverse(x, [2])).toThrow(/reverse: axis 2 does not exist/)
})

test("roll moves round the end, any number of places either way", () => {
  const cases = shape({ rank: [1, 3], size: [1, 4] }).chain((s) =>
    fc.tuple(uniform(s) as fc.Arbitrary<Tensor>, fc.nat({ max: s.length - 1 }), fc.integer({ min: -9, max: 9 })),
  )
  fc.assert(
    fc.property(cases, ([x, axis, shift]) => {
      const a = ndOf(x)
      const n = a.shape[axis] as number
      expectSame(
        roll(x, shift, axis),
        make(a.shape, (i) =>
          get(
            a,
            i.map((k, d) => (d === axis ? (((k - shift) % n) + n) % n : k)),
          ),
        ),
      )
    }),
  )
  expect(roll(zeros([0]), 3).shape).toEqual([0])
  expect(() => roll(zeros([3]), 0.5)).toThrow(/roll: expected a whole number/)
})
