/** AP@d on cases by hand, against the reference's procedure, and its symmetries. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { averagePrecision } from "../../../src/models/metrics/index.js"
import { type SetLayout, setPrecisions } from "../../../src/models/set-prediction/index.js"

const layout: SetLayout = { position: { dimensions: 1, scale: 2 }, attributes: [{ name: "colour", classes: 2 }] }
/** One object: place, colour, presence. */
const at = (x: number, colour: 0 | 1, presence = 1): readonly number[] => [x, 1 - colour, colour, presence]
const none = [0, 0, 0, 0]
const ap = (
  predictions: readonly (readonly number[])[],
  targets: readonly (readonly number[])[],
  d = Number.POSITIVE_INFINITY,
  images = 1,
) => setPrecisions(layout, predictions.flat(), targets.flat(), images, [d])[0]

describe("by hand", () => {
  const truth = [at(0.25, 0), at(0.75, 1), none]

  test("what is told exactly scores 1 at every distance; nothing right scores 0", () => {
    expect(setPrecisions(layout, truth.flat(), truth.flat(), 1)).toEqual([1, 1, 1, 1, 1])
    expect(ap([at(0.25, 1), at(0.25, 1, 0.9), at(0.2, 1, 0)], [at(0.25, 0), at(0.75, 0), none])).toBe(0)
  })

  test("an object is found once", () => {
    expect(ap([at(0.25, 0, 0.9), at(0.25, 0, 0.8), at(0.75, 1, 0.7)], truth)).toBeCloseTo(0.5 + 0.5 * (2 / 3), 14)
    expect(ap([at(0.25, 0, 0.9), at(0.25, 0, 0.8), none], truth)).toBe(0.5)
  })

  test("surer predictions come first", () => {
    expect(ap([at(0.25, 0, 0.9), at(0.75, 1, 0.8), at(0, 0, 0.1)], truth)).toBe(1)
    expect(ap([at(0.25, 0, 0.9), at(0.75, 1, 0.8), at(0, 0, 0.95)], truth, 0.25)).toBeCloseTo(2 / 3, 14)
  })

  test("distances are in the layout's unit, and must be below the limit", () => {
    const near = [at(0.5, 0), at(0.75, 1), none]
    expect(setPrecisions(layout, near.flat(), truth.flat(), 1, [0.51, 0.5])).toEqual([1, 0.25])
  })

  test("images don't find each other's objects, and are ranked together", () => {
    const [a, b] = [at(0.25, 0), at(0.75, 1)]
    expect(ap([b, a], [a, b], 1, 2)).toBe(0)
    expect(ap([at(0.25, 0, 0.2), at(0.75, 0, 0.9)], [a, b], 1, 2)).toBe(0.25)
  })

  test("predictions of one presence count together", () => {
    const wrong = at(0.25, 1, 0.5)
    const [one, other] = [ap([at(0.25, 0, 0.5), wrong], [at(0.25, 0), none]), ap([wrong, at(0.25, 0, 0.5)], [at(0.25, 0), none])]
    expect([one, other]).toEqual([0.5, 0.5])
  })

  test("bad input is named; without objects there is no precision", () => {
    expect(() => setPrecisions(layout, [1, 2, 3], [1, 0, 0, 1], 1)).toThrow(
      /expected predictions \[1 images, slots, 4 features\], found 3 values/,
    )
    expect(() => setPrecisions(layout, [0, 0, 0, Number.NaN], [1, 0, 0, 1], 1)).toThrow(/predictions hold NaN at element 3/)
    expect(ap([at(0.5, 0)], [none])).toBeNaN()
    expect(() => averagePrecision([1], [], 1)).toThrow(/1 scores and 0 hits/)
    expect(() => averagePrecision([1, 0], [true, true], 1)).toThrow(/2 hits of 1 objects/)
    expect(() => averagePrecision([Number.NaN], [true], 1)).toThrow(/score of detection 0 is NaN/)
  })
})

/** The published procedure, prediction by prediction: scores must differ. */
const published = (predictions: readonly number[][][], targets: readonly number[][][], d: number): number => {
  const ranked = predictions
    .flatMap((rows, image) => rows.map((row) => ({ row, image })))
    .sort((a, b) => (b.row[3] as number) - (a.row[3] as number))
  const seen = new Set<string>()
  const colour = (row: readonly number[]) => ((row[2] as number) > (row[1] as number) ? 1 : 0)
  let [tp, fp] = [0, 0]
  const total = targets.flat().filter((t) => t[3] === 1).length
  const recall = [0]
  const precision = [0]
  for (const { row, image } of ranked) {
    let [best, id] = [10000, -1]
    ;(targets[image] as number[][]).forEach((t, k) => {
      const distance = Math.abs((t[0] as number) - (row[0] as number)) * 2
      if (t[3] === 1 && colour(t) === colour(row) && distance < best) [best, id] = [distance, k]
    })
    if (id >= 0 && best < d && !seen.has(`${image} ${id}`)) {
      tp++
      seen.add(`${image} ${id}`)
    } else fp++
    recall.push(tp / total)
    precision.push(tp / (tp + fp))
  }
  recall.push(1)
  precision.push(0)
  for (let i = precision.length - 1; i > 0; i--) precision[i - 1] = Math.max(precision[i - 1] as number, precision[i] as number)
  return recall.reduce((area, r, i) => (i === 0 ? 0 : area + (r - (recall[i - 1] as number)) * (precision[i] as number)), 0)
}

const unit = fc.double({ min: 0, max: 1, noNaN: true })
const list = <A>(of: fc.Arbitrary<A>, n: number) => fc.array(of, { minLength: n, maxLength: n })
const drawn = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4 }))
  .chain(([b, k]) => {
    const truth = fc.tuple(unit, fc.boolean(), fc.boolean()).map(([x, c, there]) => (there ? [...at(x, c ? 1 : 0)] : [...none]))
    return fc.record({ predictions: list(list(list(unit, 4), k), b), targets: list(list(truth, k), b) })
  })
  .filter(({ targets }) => targets.flat().some((t) => t[3] === 1))
const distances = [Number.POSITIVE_INFINITY, 1, 0.5, 0.25]

describe("on sets that are drawn", () => {
  const score = (p: readonly number[][][], t: readonly number[][][]) => setPrecisions(layout, p.flat(2), t.flat(2), p.length, distances)

  test("it is the published procedure where no two presences are equal", () =>
    fc.assert(
      fc.property(drawn, ({ predictions, targets }) => {
        const scores = predictions.flat().map((row) => row[3])
        fc.pre(new Set(scores).size === scores.length)
        score(predictions, targets).forEach((found, i) =>
          expect(found).toBeCloseTo(published(predictions, targets, distances[i] as number), 12),
        )
      }),
      { numRuns: 300 },
    ))

  test("it is in [0, 1], and the order of slots and images changes nothing", () =>
    fc.assert(
      fc.property(drawn, fc.boolean(), ({ predictions, targets }, coarse) => {
        const p = coarse ? predictions.map((rows) => rows.map((row) => [...row.slice(0, 3), Math.round(row[3] as number)])) : predictions
        const found = score(p, targets)
        for (const one of found) expect(one).toBeGreaterThanOrEqual(0)
        for (const one of found) expect(one).toBeLessThanOrEqual(1 + 1e-12)
        expect(
          score(
            p.map((rows) => rows.toReversed()),
            targets,
          ),
        ).toEqual(found)
        expect(score(p.toReversed(), targets.toReversed())).toEqual(found)
      }),
      { numRuns: 300 },
    ))
})
