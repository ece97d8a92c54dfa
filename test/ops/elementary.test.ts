import { expect, test } from "vitest"
import { jvp, type Tensor, tensor } from "../../src/core/index.js"
import { exp, log, sqrt, tanh } from "../../src/ops/index.js"
import { dataOf, testReferences, testSpecials } from "./support.js"

const names = ["exp", "log", "tanh", "sqrt", "sin", "cos"]
testReferences(...names)
for (const name of names) testSpecials(name, 1)

test("derivatives at the rim of a domain are what the limits are", () => {
  const slope = (f: (x: Tensor) => Tensor, x: number) => dataOf(jvp((a: Tensor) => f(a), [tensor(x)], [tensor(1)])[1])[0]
  expect(slope(sqrt, 0)).toBe(Number.POSITIVE_INFINITY)
  expect(slope(log, 0)).toBe(Number.POSITIVE_INFINITY)
  expect(slope(tanh, 1000)).toBe(0)
  expect(slope(exp, Number.NEGATIVE_INFINITY)).toBe(0)
})
