import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type Tensor, tensor } from "../../src/core/index.js"
import { shape, uniform } from "../../src/laws/arbitraries/index.js"
import { add, div, mul, neg, sub } from "../../src/ops/index.js"
import { get, make, type Nd } from "./reference/nd.js"
import { dataOf, expectSame, ndOf, testReferences, testSpecials } from "./support.js"

testReferences("add", "sub", "mul", "div", "neg")
for (const name of ["add", "sub", "mul", "div"]) testSpecials(name, 2)
testSpecials("neg", 1)

/** Shapes that broadcast: the second has some axes of the first stretched, and some left out in front. */
const pairs = shape({ rank: [0, 3], size: [1, 3] }).chain((full) =>
  fc.tuple(
    uniform(full),
    fc
      .tuple(fc.nat({ max: full.length }), fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }))
      .chain(([skip, stretch]) => uniform(full.map((d, i) => (stretch[i] ? 1 : d)).slice(skip))),
    fc.boolean(),
  ),
)

/** An element of a smaller array at an index of the result, aligned at the last axis. */
const aligned = (x: Nd, index: readonly number[]): number =>
  get(
    x,
    x.shape.map((d, i) => (d === 1 ? 0 : (index[index.length - x.shape.length + i] as number))),
  )

describe("broadcasting", () => {
  const table = [
    ["add", add, (a: number, b: number) => a + b],
    ["sub", sub, (a: number, b: number) => a - b],
    ["mul", mul, (a: number, b: number) => a * b],
    ["div", div, (a: number, b: number) => a / b],
  ] as const
  test.each(table)("%s aligns shapes at the last axis", (_name, op, f) => {
    fc.assert(
      fc.property(pairs, ([big, small, swap]) => {
        const [x, y] = (swap ? [small, big] : [big, small]) as [Tensor, Tensor]
        const [a, b] = [ndOf(x), ndOf(y)]
        expectSame(
          (op as typeof div)(x, y),
          make(big.shape, (i) => f(aligned(a, i), aligned(b, i))),
        )
      }),
    )
  })

  test("both sides may stretch", () => {
    expect(ndOf(add(tensor([[1], [2]]), tensor([[10, 20, 30]])))).toEqual({
      shape: [2, 3],
      data: Float64Array.of(11, 21, 31, 12, 22, 32),
    })
  })

  test("shapes that do not fit are refused with both of them", () => {
    expect(() => add(tensor([1, 2]) as Tensor, tensor([1, 2, 3]) as Tensor)).toThrow(/add.*float\[2\].*float\[3\]/)
  })
})

test("numbers are lifted, on either side", () => {
  expect(dataOf(sub(1, tensor([1, 2])))).toEqual([0, -1])
  expect(dataOf(div(tensor([1, 2]), 2))).toEqual([0.5, 1])
})

test("data-last forms take the second operand first", () => {
  expect(dataOf(sub(tensor([1, 2]))(tensor([5, 5])))).toEqual([4, 3])
  expect(dataOf(div(2)(tensor([1, 2])))).toEqual([0.5, 1])
})

test("neg of a zero is a zero of the other sign", () => {
  expect(Object.is(dataOf(neg(tensor([0])))[0], -0)).toBe(true)
})

test("element kinds are not promoted", () => {
  expect(() => add(tensor([1]) as Tensor, tensor([1], "int") as unknown as Tensor)).toThrow(/add.*float\[1\].*int\[1\].*cast/)
})
