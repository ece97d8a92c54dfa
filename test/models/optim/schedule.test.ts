/** Schedules against plain arithmetic. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { evaluate, tensor } from "../../../src/core/index.js"
import {
  cosineDecay,
  exponentialDecay,
  factorAt,
  linearDecay,
  product,
  type Schedule,
  scaleBySchedule,
  scheduleCodec,
  warmUp,
} from "../../../src/models/optim/index.js"
import { decodeAs } from "../../../src/models/schema/index.js"
import { left, right } from "../../support/either.js"
import { numbers, relativeError } from "../../support/outcome.js"

const at = (schedule: Schedule, t: number): number => numbers(factorAt(schedule, tensor(t) as never))[0] as number

/** The same by the book. */
const plain = (s: Schedule, t: number): number => {
  const way = ({ from, to }: { readonly from: number; readonly to: number }) => (t <= from ? 0 : t >= to ? 1 : (t - from) / (to - from))
  switch (s._tag) {
    case "warmUp":
      return s.steps === 0 ? 1 : Math.min(1, (t + 1) / s.steps)
    case "linearDecay":
      return s.floor + (1 - s.floor) * (1 - way(s))
    case "cosineDecay":
      return s.floor + ((1 - s.floor) * (1 + Math.cos(Math.PI * way(s)))) / 2
    case "exponentialDecay":
      return s.factor ** (s.staircase ? Math.floor(t / s.every) : t / s.every)
    case "product":
      return s.of.map((part) => plain(part, t)).reduce((a, b) => a * b, 1)
  }
}

const step = fc.integer({ min: 0, max: 50 })
const decay = fc.record({ from: step, length: fc.integer({ min: 1, max: 50 }), floor: fc.integer({ min: 0, max: 4 }) })
const single: fc.Arbitrary<Schedule> = fc.oneof(
  step.map(warmUp),
  decay.map(({ from, length, floor }) => linearDecay({ from, to: from + length, floor: floor / 4 })),
  decay.map(({ from, length, floor }) => cosineDecay({ from, to: from + length, floor: floor / 4 })),
  fc
    .record({ every: fc.integer({ min: 1, max: 30 }), factor: fc.constantFrom(0.25, 0.5, 0.9, 1, 1.1), staircase: fc.boolean() })
    .map(exponentialDecay),
)
const schedules = fc.oneof(
  single,
  fc.array(single, { maxLength: 3 }).map((of) => product(...of)),
)

describe("schedules", () => {
  test("are what the book says, at every step", () =>
    fc.assert(
      fc.property(
        schedules,
        fc.integer({ min: 0, max: 120 }),
        (s, t) => void expect(relativeError([plain(s, t)], [at(s, t)])).toBeLessThan(1e-12),
      ),
    ))

  test("are the same after storage", () =>
    fc.assert(
      fc.property(schedules, (s) => void expect(right(decodeAs(scheduleCodec, "schedule", JSON.parse(JSON.stringify(s))))).toEqual(s)),
    ))

  test("a decay of no length is a step, and stays", () => {
    const s = linearDecay({ from: 5, to: 5, floor: 0.5 })
    expect([4, 5, 6, 900].map((t) => at(s, t))).toEqual([1, 1, 0.5, 0.5])
  })

  test("what is no schedule is refused by name", () => {
    expect(left(decodeAs(scheduleCodec, "schedule", { _tag: "cosine" })).message).toContain('did you mean "cosineDecay"')
    expect(left(decodeAs(scheduleCodec, "schedule", { _tag: "exponentialDecay", every: 0, factor: 1 })).message).toContain(
      "schedule.every: expected a number above 0",
    )
  })

  test("count updates in their state", () => {
    const s = scaleBySchedule(warmUp(2))
    const g = { w: tensor([2, 4]) }
    const [first, state] = s.update(g, right(evaluate(s.init(g))), g)
    const [second] = s.update(g, right(evaluate(state)), g)
    expect([numbers(first), numbers(second)]).toEqual([
      [1, 2],
      [2, 4],
    ])
  })
})
