/** Twenty thousand ops deep, twice what a call stack holds: no pass recurses along a program. `npm run evidence -- scale` measures 100,000. */
import { expect, it } from "vitest"
import { type Shape, shapes, timeGraph } from "../../evidence/scale/graphs.js"

it.each(Object.keys(shapes) as Shape[])("every pass over %s of 20,000 ops ends", { timeout: 300_000 }, (shape) => {
  const { ops, passes } = timeGraph(shape, 20_000)
  expect(ops).toBeGreaterThanOrEqual(20_000)
  expect(Object.keys(passes)).toEqual(["trace", "grad", "vmap", "simplify", "schedule", "JSON"])
})
