/** The law that a nest reads inside its operands. */
import { expect, test } from "vitest"
import { at, axis, binary, inRange, load, plus, pointwise } from "../../src/core/compile/build-nest.js"
import type { Scalar } from "../../src/core/compile/nest.js"
import { loadOutside } from "../../src/laws/op/loads.js"

const next = plus(axis(0), at(1))
const four = [{ elem: "float", shape: [4] }] as const
const data = [new Float64Array(4)]

test("a load past the end is found, a guarded one is not", () => {
  expect(loadOutside(pointwise([4], load(0, [next])), four, data)).toContain("at index 4 of axis 0")
  expect(loadOutside(pointwise([4], load(0, [next], [inRange(next, 0, 4)])), four, data)).toBeNull()
})

test("a load that is shared behind a guard and in front of it is found", () => {
  const outside = load(0, [next])
  const guarded: Scalar = { t: "guarded", guards: [inRange(next, 0, 4)], a: outside }
  expect(loadOutside(pointwise([4], binary("add", guarded, outside)), four, data)).toContain("at index 4")
})

test("what is shared is looked at once: sixty doublings take no longer than sixty additions", () => {
  let body: Scalar = load(0, [axis(0)])
  for (let k = 0; k < 60; k++) body = binary("add", body, body)
  expect(loadOutside(pointwise([4], body), four, data)).toBeNull()
})
