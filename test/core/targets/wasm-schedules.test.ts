import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { evaluateSchedule } from "../../support/nest-reference.js"
import { randomSchedule } from "../../support/random-schedules.js"
import { newSession, precisions, runSchedule } from "../../support/wasm-run.js"

describe.each(precisions)("schedules in %s", (name, precision) => {
  test("equal the definition, bit for bit", async () => {
    const session = newSession(name)
    await fc.assert(
      fc.asyncProperty(randomSchedule, async ({ schedule, inputs }) => {
        expect(await runSchedule(schedule, inputs, name, { session })).toStrictEqual(evaluateSchedule(schedule, inputs, precision))
      }),
    )
    expect(session.bytesInUse()).toBe(0)
  })
})
