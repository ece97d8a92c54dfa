import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { buildSchedule } from "../../../src/core/compile/build.js"
import { lowerGraph } from "../../../src/core/compile/lower.js"
import { simplifyGraph } from "../../../src/core/compile/simplify.js"
import { interpreterCapabilities, runGraph } from "../../../src/core/targets/interpreter/index.js"
import { checkSchedule } from "../../support/check-schedule.js"
import { evaluateSchedule, float64 } from "../../support/nest-reference.js"
import { randomProgram } from "../../support/random-graph.js"

const NEVER = { cancelled: false }
const tight = { ...interpreterCapabilities, maxInputs: 4, routines: false, scatter: false }

/** Bit for bit; all NaN are one. */
const same = (found: readonly Float64Array[], expected: readonly Float64Array[]) => {
  expect(found.length).toBe(expected.length)
  found.forEach((x, i) => expect(Array.from(x)).toEqual(Array.from(expected[i] as Float64Array)))
}

describe("fusion", () => {
  it("changes no bit: fused = unfused = interpreter", () => {
    fc.assert(
      fc.property(randomProgram, ({ graph, inputs }) => {
        const expected = runGraph(graph, inputs, NEVER)
        const { schedule } = lowerGraph(graph, interpreterCapabilities)
        checkSchedule(schedule)
        same(evaluateSchedule(schedule, inputs, float64), expected)
        const fused = buildSchedule(graph, interpreterCapabilities)
        checkSchedule(fused)
        same(evaluateSchedule(fused, inputs, float64), expected)
      }),
    )
  })

  it("keeps within what a target can do", () => {
    fc.assert(
      fc.property(randomProgram, ({ graph, inputs }) => {
        const fused = buildSchedule(graph, tight)
        checkSchedule(fused, 4)
        same(evaluateSchedule(fused, inputs, float64), runGraph(graph, inputs, NEVER))
      }),
    )
  })

  it("and simplification first changes none either", () => {
    fc.assert(
      fc.property(randomProgram, ({ graph, inputs }) => {
        const simple = simplifyGraph(graph)
        const expected = runGraph(simple, inputs, NEVER)
        same(evaluateSchedule(buildSchedule(simple, interpreterCapabilities), inputs, float64), expected)
        // only the sign of zero may go: x + 0 = x
        runGraph(graph, inputs, NEVER).forEach(
          (x, i) => void expect(Array.from(x, (v) => v + 0)).toEqual(Array.from(expected[i] as Float64Array, (v) => v + 0)),
        )
      }),
    )
  })
})
