/** laws.equivariance: symmetric functions, and one that knows the order of its rows. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Tensor } from "../../src/core/index.js"
import { normal, permutation } from "../../src/laws/arbitraries/index.js"
import * as laws from "../../src/laws/index.js"
import { cast, iota, mul, softmax, square, sum, take } from "../../src/ops/index.js"
import { failure } from "./support.js"

type Rows = Tensor<[3, 2]>
type Order = Tensor<[3], "int">
const permuted = (p: Order, x: Rows): [Rows] => [take(x, p) as Tensor as Rows]

describe("symmetric functions", () => {
  test("softmax over rows is equivariant", async () => {
    const law = laws.equivariance((x: Rows) => softmax(x, 0) as Rows, [normal([3, 2])], {
      group: permutation(3),
      onArguments: permuted,
      onResult: (p, y) => permuted(p, y)[0],
    })
    expect((await laws.assert(law))[0]).toMatchObject({ law: "equivariance", vacuous: 0 })
  })

  test("a sum is invariant, and even functions are under signs", async () => {
    await laws.assert(laws.equivariance((x: Rows) => sum(square(x)), [normal([3, 2])], { group: permutation(3), onArguments: permuted }))
    const signs = { group: fc.constantFrom(1, -1), onArguments: (s: number, x: Tensor<[4]>): [Tensor<[4]>] => [mul(x, s)], tolerance: 0 }
    await laws.assert(laws.equivariance((x: Tensor<[4]>) => square(x), [normal([4])], signs))
  })
})

test("a function that numbers its rows is caught, with the exchange that shows it", async () => {
  const numbered = (x: Tensor<[3]>) => mul(x, cast(iota(3), "float"))
  const law = laws.equivariance(numbered, [normal([3])], {
    group: permutation(3),
    onArguments: (p, x): [Tensor<[3]>] => [take(x, p) as Tensor as Tensor<[3]>],
    onResult: (p, y) => take(y, p) as Tensor as Tensor<[3]>,
  })
  const found = await failure(law)
  expect(found.counterexample).toMatch(/^argument \[0\]: float\[3\] \[[^\]]*0.0625[^\]]*\]\ng = \[\d,\d,\d\]$/)
  expect(found.counterexample.match(/0.0625/g)).toHaveLength(1)
  expect(found.why).toMatch(/^f\(g x\), against g f\(x\), at \[[012]\] is /)
})

test("a message shows a group element as it is asked to", async () => {
  const law = laws.equivariance((x: Tensor<[2]>) => x, [normal([2])], {
    group: fc.constantFrom(2, 3),
    onArguments: (s, x): [Tensor<[2]>] => [mul(x, s) as Tensor<[2]>],
    show: (s) => `times ${s}`,
  })
  expect((await failure(law)).counterexample).toMatch(/\ng = times 2$/)
})
