/** A user's tests in node:test: run by alone.test.ts in a process of its own. The second fails, as it should. */
import { test } from "node:test"
import { customVjp, mul, square, sum, type Tensor } from "../../src/index.js"
import { normal } from "../../src/laws/arbitraries/index.js"
import * as laws from "../../src/laws/index.js"

const flipped = customVjp(
  function flipped(x: Tensor<[3]>): Tensor<[3]> {
    return square(x)
  },
  { forward: (x) => [square(x), x], backward: (x, ct) => [mul(mul(x, -2), ct as Tensor<[3]>)] },
)

const run = { runs: 5, seed: 7 }

test("right", async () => {
  await laws.assert(
    laws.gradient((x: Tensor<[3]>) => sum(square(x)), [normal([3])]),
    run,
  )
})
test("wrong", async () => {
  await laws.assert(
    laws.gradient((x: Tensor<[3]>) => sum(flipped(x)), [normal([3])]),
    run,
  )
})
