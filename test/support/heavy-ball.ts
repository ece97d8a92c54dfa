/** A solver of a user: z + momentum of the last step, as data with two options. */
import * as t from "io-ts"
import { defineSolver } from "../../src/implicit/index.js"
import { add, mul, sub } from "../../src/ops/index.js"

export const heavyBall = defineSolver({
  name: "heavyBall",
  options: t.type({ momentum: t.number }),
  init: (z) => ({ state: { before: z }, ask: { at: z } }),
  step: ({ before }, { at, f }, { momentum }) => ({
    state: { before: at },
    ask: { at: add(f, mul(sub(at, before), momentum)) },
  }),
})
