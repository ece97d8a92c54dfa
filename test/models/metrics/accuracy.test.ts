import * as fc from "fast-check"
import { expect, test } from "vitest"
import { accuracy } from "../../../src/models/metrics/index.js"

const scored = fc.integer({ min: 1, max: 5 }).chain((classes) =>
  fc.record({
    classes: fc.constant(classes),
    k: fc.integer({ min: 1, max: classes }),
    rows: fc.array(
      fc.record({
        label: fc.integer({ min: 0, max: classes - 1 }),
        scores: fc.array(fc.integer({ min: -2, max: 2 }), { minLength: classes, maxLength: classes }),
      }),
      { minLength: 1, maxLength: 8 },
    ),
  }),
)

test("is the share of labels among the first k of a stable sort", () =>
  fc.assert(
    fc.property(scored, ({ classes, k, rows }) => {
      const hits = rows.filter(({ label, scores }) => {
        const order = [...scores.keys()].sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b)
        return order.slice(0, k).includes(label)
      })
      const found = accuracy(
        rows.map((r) => r.label),
        rows.flatMap((r) => r.scores),
        classes,
        k,
      )
      expect(found).toBe(hits.length / rows.length)
    }),
  ))

test("bad input is named", () => {
  expect(() => accuracy([0], [1, 2, 3], 2)).toThrow(/expected scores of 1 rows and 2 classes \(2\), found 3/)
  expect(() => accuracy([2], [1, 2], 2)).toThrow(/expected labels from 0 to 1, found 2 at row 0/)
  expect(() => accuracy([1], [Number.NaN, 2], 2)).toThrow(/score of class 0 is NaN at row 0/)
  expect(accuracy([], [], 3)).toBeNaN()
})
