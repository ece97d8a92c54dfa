import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { planMemory } from "../../../src/core/compile/memory.js"
import type { Nest, Scalar } from "../../../src/core/compile/nest.js"
import type { Schedule, Step } from "../../../src/core/compile/schedule.js"
import { evaluateSchedule, float32 } from "../../support/nest-reference.js"
import { randomSchedule } from "../../support/random-schedules.js"
import { float, newSession, runSchedule } from "../../support/wasm-run.js"

const copyNest: Nest = {
  domain: [8],
  reduce: null,
  body: { t: "load", input: 0, at: [{ t: "var", axis: 0 }], guards: [] },
  epilogue: null,
}

/** Reads the elements from the last to the first. */
const reversed: Nest = {
  ...copyNest,
  body: {
    t: "load",
    input: 0,
    at: [{ t: "add", a: { t: "mul", a: { t: "var", axis: 0 }, by: -1 }, b: { t: "const", value: 7 } }],
    guards: [],
  },
}

/** x -> copy -> copy -> ... */
const chain = (length: number, reads: (i: number) => number = (i) => i, nest = copyNest): Schedule => ({
  buffers: Array.from({ length: length + 1 }, () => float(8)),
  inputs: [0],
  outputs: [length],
  steps: Array.from({ length }, (_, i): Step => ({ t: "kernel", name: "copy", nest, inputs: [reads(i)], output: i + 1 })),
})

describe("the memory plan", () => {
  test("changes no result: equal to storage of its own for every buffer, and to the definition", async () => {
    const session = newSession("float32")
    await fc.assert(
      fc.asyncProperty(randomSchedule, async ({ schedule, inputs }) => {
        const planned = await runSchedule(schedule, inputs, "float32", { session })
        const distinct = await runSchedule(schedule, inputs, "float32", { session, plan: planMemory(schedule, { reuse: false }) })
        expect(planned).toStrictEqual(distinct)
        expect(planned).toStrictEqual(evaluateSchedule(schedule, inputs, float32))
      }),
    )
  })

  test("needs no more than the sum of all buffers, and no less than any step's own", () => {
    fc.assert(
      fc.property(randomSchedule, ({ schedule }) => {
        const { arena, peak } = planMemory(schedule)
        expect(arena).toBeLessThanOrEqual(planMemory(schedule, { reuse: false }).arena)
        expect(peak).toBeGreaterThanOrEqual(arena)
      }),
    )
  })

  test("a chain of kernels that read element by element lives in its output, whatever its length", () => {
    const { arena, peak, direct } = planMemory(chain(50))
    expect(arena).toBe(0)
    expect(peak).toBe(8)
    expect(direct.size).toBe(50)
  })

  test("one of kernels that read other elements lives in two buffers beside its output", () => {
    const { arena, peak } = planMemory(chain(50, (i) => i, reversed))
    expect(arena).toBe(16)
    expect(peak).toBe(24)
  })

  describe("a kernel overwrites an operand", () => {
    const kernel = (nest: Nest, inputs: readonly number[], output: number): Step => ({ t: "kernel", name: "k", nest, inputs, output })
    const both: Nest = { ...copyNest, body: { t: "binary", fn: "add", a: copyNest.body, b: { ...reversed.body, input: 1 } as Scalar } }
    const planned = (steps: readonly Step[], outputs: readonly number[], buffers = 6) =>
      planMemory({ buffers: Array.from({ length: buffers }, () => float(8)), inputs: [0], outputs, steps })

    test("that it reads last and element by element", () => {
      const { offsets } = planned([kernel(copyNest, [0], 1), kernel(copyNest, [1], 2), kernel(reversed, [2], 3)], [3])
      expect(offsets[2]).toBe(offsets[1])
    })

    test("but not one that is read later", () => {
      const { offsets } = planned([kernel(copyNest, [0], 1), kernel(copyNest, [1], 2), kernel(both, [2, 1], 3)], [3])
      expect(offsets[2]).not.toBe(offsets[1])
    })

    test("nor one of which it reads other elements too", () => {
      const { offsets } = planned([kernel(copyNest, [0], 1), kernel(both, [1, 1], 2), kernel(reversed, [2], 3)], [3])
      expect(offsets[2]).not.toBe(offsets[1])
    })

    test("nor one that is an output of the program", () => {
      const { direct, offsets } = planned([kernel(copyNest, [0], 1), kernel(copyNest, [1], 2), kernel(reversed, [2], 3)], [3, 1])
      expect(direct.get(1)).toBe(1)
      expect(direct.has(2)).toBe(false)
      expect(offsets[2]).toBeGreaterThanOrEqual(0)
    })

    test("nor, in steps that run in turns, one of which another of them reads all in every turn", () => {
      const [make, readAll, overwrite, last] = [
        kernel(copyNest, [0], 1),
        kernel(reversed, [1], 2),
        kernel(copyNest, [1], 3),
        kernel(both, [2, 3], 4),
      ] as const
      const schedule: Schedule = {
        buffers: Array.from({ length: 5 }, () => float(8)),
        inputs: [0],
        outputs: [4],
        steps: [make, readAll, overwrite, last],
      }
      expect(planMemory(schedule).offsets[3]).toBe(planMemory(schedule).offsets[1])
      const inTurns = planMemory(schedule, { together: new Set([readAll]) })
      expect(inTurns.offsets[3]).not.toBe(inTurns.offsets[1])
    })
  })

  test("inputs are not counted, outputs are written where they are returned", () => {
    const plan = planMemory(chain(1))
    expect(plan.arena).toBe(0)
    expect(plan.peak).toBe(8)
    expect(plan.direct.get(1)).toBe(0)
  })

  test("a buffer that a loop reads lives to the end of the loop", () => {
    const kernel = (from: number, output: number): Step => ({ t: "kernel", name: "copy", nest: copyNest, inputs: [from], output })
    const schedule: Schedule = {
      buffers: Array.from({ length: 8 }, () => float(8)),
      inputs: [0],
      outputs: [5],
      steps: [
        kernel(0, 1),
        {
          t: "loop",
          count: 3,
          reverse: false,
          carries: [{ init: 0, current: 2, next: 4, result: 5 }],
          slices: [],
          stacks: [],
          // 1 is read first, so its storage could be had from step to step, but not from turn to turn
          body: [kernel(1, 3), kernel(3, 6), kernel(6, 4)],
        },
      ],
    }
    const { offsets, exchanged } = planMemory(schedule)
    expect(exchanged.has(2)).toBe(true)
    for (const other of [2, 3, 4, 6]) expect(offsets[other]).not.toBe(offsets[1])
  })

  test("100,000 steps are planned in about a second", () => {
    const started = performance.now()
    // every step reads what was made up to 300 steps before
    const { arena } = planMemory(chain(100_000, (i) => Math.max(0, i - ((i * 7919) % 300))))
    expect(performance.now() - started).toBeLessThan(3000)
    expect(arena).toBeLessThanOrEqual(8 * 301)
  })
})
