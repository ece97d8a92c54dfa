import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { miou } from "../../../src/models/metrics/index.js"
import { bestMatching } from "../../../src/models/metrics/matching.js"

/** The best sum over all one-to-one matchings, tried one by one. */
const byTrial = (scores: Float64Array, rows: number, columns: number, row = 0, used = 0): number => {
  if (row === rows) return 0
  let best = byTrial(scores, rows, columns, row + 1, used) // leave this row out
  for (let c = 0; c < columns; c++) {
    if ((used >> c) & 1) continue
    best = Math.max(best, scores[row * columns + c]! + byTrial(scores, rows, columns, row + 1, used | (1 << c)))
  }
  return best
}

describe("bestMatching", () => {
  test("reaches the best sum, one column a row", () => {
    const problems = fc
      .tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 }))
      .chain(([rows, columns]) =>
        fc.tuple(
          fc.constant(rows),
          fc.constant(columns),
          fc.array(fc.integer({ min: 0, max: 16 }), { minLength: rows * columns, maxLength: rows * columns }),
        ),
      )
    fc.assert(
      fc.property(problems, ([rows, columns, sixteenths]) => {
        const scores = Float64Array.from(sixteenths, (s) => s / 16)
        const matched = [...bestMatching(scores, rows, columns)]
        const taken = matched.filter((c) => c >= 0)
        expect(taken).toHaveLength(Math.min(rows, columns))
        expect(new Set(taken).size).toBe(taken.length)
        const sum = matched.reduce((total, c, r) => (c < 0 ? total : total + scores[r * columns + c]!), 0)
        expect(sum).toBeCloseTo(byTrial(scores, rows, columns), 12)
      }),
      { numRuns: 300 },
    )
  })
})

describe("miou", () => {
  test.each([
    ["perfect, other names", [0, 1, 1, 2], [9, 4, 4, 5], 1],
    ["background swallowed by piece 1", [0, 0, 1, 1, 2, 2], [1, 1, 1, 1, 2, 2], (2 / 4 + 1) / 2],
    ["everything in one slot: one piece gets it", [0, 0, 1, 1, 2, 2], [3, 3, 3, 3, 3, 3], (2 / 6 + 0) / 2],
    ["a piece split in two", [0, 1, 1, 1, 1], [0, 1, 1, 1, 2], 3 / 4],
    ["the greedy choice is not the best sum", [1, 1, 1, 1, 2, 2, 2], [5, 5, 6, 6, 5, 5, 5], 0.5 * (2 / 4 + 3 / 5)],
    ["no object", [0, 0], [1, 2], 1],
  ])("%s", (_, truth, predicted, expected) => {
    expect(miou(truth, predicted)).toBeCloseTo(expected, 14)
  })

  test("the background can count as an object", () => {
    expect(miou([0, 0, 1, 1], [1, 1, 1, 1], { background: null })).toBeCloseTo(0.25, 14)
  })

  test("in [0, 1], blind to names, 1 for the truth itself", () => {
    const labels = fc.array(fc.nat({ max: 4 }), { minLength: 30, maxLength: 30 })
    fc.assert(
      fc.property(labels, labels, fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }), (truth, predicted, names) => {
        const value = miou(truth, predicted)
        expect(value >= 0 && value <= 1).toBe(true)
        expect(
          miou(
            truth,
            predicted.map((label) => names[label]!),
          ),
        ).toBeCloseTo(value, 12)
        expect(miou(truth, truth)).toBe(1)
      }),
    )
  })

  test("refuses maps of unequal length", () => {
    expect(() => miou([0, 1], [0])).toThrow("2 pixels and the predicted one 1")
  })
})
