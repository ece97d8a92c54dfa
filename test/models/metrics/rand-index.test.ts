import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { drawsOf } from "../../../src/models/data/index.js"
import { ari, fgAri } from "../../../src/models/metrics/index.js"

const maps = fc
  .integer({ min: 2, max: 60 })
  .chain((n) =>
    fc.tuple(fc.array(fc.nat({ max: 4 }), { minLength: n, maxLength: n }), fc.array(fc.nat({ max: 4 }), { minLength: n, maxLength: n })),
  )

/** The definition by pairs of pixels, counted one by one: agreement beyond chance. */
const byPairs = (truth: readonly number[], predicted: readonly number[]): number => {
  let [both, inTruth, inPredicted, all] = [0, 0, 0, 0]
  for (let i = 0; i < truth.length; i++) {
    for (let j = 0; j < i; j++) {
      const [t, p] = [truth[i] === truth[j], predicted[i] === predicted[j]]
      all++
      if (t) inTruth++
      if (p) inPredicted++
      if (t && p) both++
    }
  }
  const expected = (inTruth * inPredicted) / all
  const most = (inTruth + inPredicted) / 2
  return most === expected ? 1 : (both - expected) / (most - expected)
}

describe("ari", () => {
  test.each([
    // R, A, B over n (n - 1): by hand
    ["half of one group moved", [0, 0, 1, 1], [0, 0, 1, 2], 0.5714285714285714], // R 2, A 4, B 2, E 8/12
    ["scikit-learn's example", [0, 0, 1, 2], [0, 0, 1, 1], 0.5714285714285714],
    ["crossed groups", [0, 0, 1, 1], [0, 1, 0, 1], -0.5], // the least value there is: R 0, A = B = 4, E 16/12
    ["one predicted group", [0, 0, 1, 1], [0, 0, 0, 0], 0],
    ["all predicted singletons", [0, 0, 1, 1], [0, 1, 2, 3], 0],
    ["one group each", [7, 7, 7], [0, 0, 0], 1],
    ["singletons each", [0, 1, 2], [2, 0, 1], 1],
    ["one group against singletons", [0, 0, 0], [0, 1, 2], 0],
    ["one pixel", [3], [4], 1],
    ["no pixel", [], [], 1],
  ])("%s", (_, truth, predicted, expected) => {
    expect(ari(truth, predicted)).toBeCloseTo(expected, 14)
  })

  test("two of three equal pieces merged: 4 / 7 in the limit of large pieces", () => {
    const truth = Array.from({ length: 300 }, (_, i) => Math.floor(i / 100))
    const merged = truth.map((t) => Math.min(t, 1))
    expect(ari(truth, merged)).toBeCloseTo(4 / 7, 2)
  })

  test("is what counting pairs gives, symmetric, and blind to the names of labels", () => {
    fc.assert(
      fc.property(maps, fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }), ([truth, predicted], names) => {
        const value = ari(truth, predicted)
        expect(value).toBeCloseTo(byPairs(truth, predicted), 12)
        expect(ari(predicted, truth)).toBeCloseTo(value, 12)
        expect(
          ari(
            truth,
            predicted.map((label) => names[label]!),
          ),
        ).toBeCloseTo(value, 12)
        expect(value).toBeGreaterThanOrEqual(-0.5)
        expect(value).toBeLessThanOrEqual(1)
      }),
    )
  })

  test("1 exactly for equal partitions only", () => {
    fc.assert(
      fc.property(maps, ([truth, predicted]) => {
        const partition = (labels: readonly number[]) => labels.map((label) => labels.indexOf(label)).join()
        expect(
          ari(
            truth,
            truth.map((label) => 9 - label),
          ),
        ).toBe(1)
        expect(ari(truth, predicted) === 1).toBe(partition(truth) === partition(predicted))
      }),
    )
  })

  test("0 on average for random labels", () => {
    let sum = 0
    for (let i = 0; i < 400; i++) {
      const draws = drawsOf(1, 9, i)
      const random = () => Array.from({ length: 90 }, () => draws.below(4))
      sum += ari(random(), random())
    }
    expect(Math.abs(sum / 400)).toBeLessThan(0.004)
  })

  test("refuses maps of unequal length and labels that are none", () => {
    expect(() => ari([0, 1], [0])).toThrow("the true label map has 2 pixels and the predicted one 1")
    expect(() => ari([0, 0.5], [0, 1])).toThrow("labels must be integers, found 0.5 at pixel 1")
  })
})

describe("fgAri", () => {
  test("what is predicted on the background does not count", () => {
    fc.assert(
      fc.property(maps, fc.nat({ max: 4 }), ([truth, predicted], junk) => {
        const spilled = predicted.map((label, i) => (truth[i] === 0 ? junk : label))
        expect(fgAri(truth, spilled)).toBe(fgAri(truth, predicted))
      }),
    )
  })
  test("is ari where there is no background", () => {
    fc.assert(
      fc.property(maps, ([truth, predicted]) => {
        expect(fgAri(truth, predicted, 99)).toBe(ari(truth, predicted))
      }),
    )
  })
  test.each([
    ["background taken into a piece's slot", [0, 0, 1, 1, 2, 2], [1, 1, 1, 1, 2, 2], 1],
    ["everything in one slot", [0, 0, 1, 1, 2, 2], [3, 3, 3, 3, 3, 3], 0],
    ["no foreground", [0, 0], [1, 2], 1],
    ["one piece, whole", [0, 1, 1], [0, 1, 1], 1],
    ["one piece, split", [0, 1, 1], [0, 1, 2], 0],
  ])("%s", (_, truth, predicted, expected) => {
    expect(fgAri(truth, predicted)).toBe(expected)
  })
  test("refuses maps of unequal length", () => {
    expect(() => fgAri([0, 1], [0])).toThrow("2 pixels and the predicted one 1")
  })
})
