/** A program of a user who has no test runner: run by alone.test.ts in a process of its own. */

import { customJvp, mul, square, stopGradient, sum, type Tensor } from "../../src/index.js"
import { normal } from "../../src/laws/arbitraries/index.js"
import * as laws from "../../src/laws/index.js"

const right = await laws.check(
  laws.gradient((x: Tensor<[3]>) => sum(square(x)), [normal([3])]),
  { runs: 10, seed: 7 },
)()
if (right._tag === "Right") console.log(laws.showReport(right.right))

const wrong = await laws.check(
  laws.gradient((x: Tensor<[3]>) => sum(mul(x, stopGradient(x))), [normal([3])]),
  { seed: 7 },
)()
if (wrong._tag === "Left") console.log(wrong.left.message)

const half = customJvp(
  function half(x: Tensor<[3]>): Tensor<[3]> {
    return square(x)
  },
  ([x], [dx]) => [square(x), mul(x, dx as Tensor<[3]>)],
)
const named = await laws.check(
  laws.gradient((x: Tensor<[3]>) => sum(half(x)), [normal([3])]),
  { seed: 7 },
)()
if (named._tag === "Left") console.log(named.left.rules)
