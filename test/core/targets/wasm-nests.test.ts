import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Nest } from "../../../src/core/compile/nest.js"
import { evaluateNest, type Operand } from "../../support/nest-reference.js"
import { randomNest } from "../../support/random-nests.js"
import { newSession, precisions, runSchedule, scheduleOf } from "../../support/wasm-run.js"

describe.each(precisions)("nests in %s", (name, p) => {
  const session = newSession(name)
  const run = async (nest: Nest, inputs: readonly Operand[]): Promise<Float64Array> => {
    const schedule = scheduleOf(
      nest,
      inputs.map((x) => x.shape),
    )
    const [out] = await runSchedule(
      schedule,
      inputs.map((x) => x.data),
      name,
      { session },
    )
    return out as Float64Array
  }
  const reference = (nest: Nest, inputs: readonly Operand[]): Float64Array =>
    evaluateNest(
      nest,
      inputs.map(({ data, shape }) => ({ data: data.map(p.round), shape })),
      p,
    )

  test("equal the definition, bit for bit", async () => {
    await fc.assert(
      fc.asyncProperty(randomNest, async ({ nest, inputs }) => {
        expect(await run(nest, inputs)).toStrictEqual(reference(nest, inputs))
      }),
    )
  })
})
