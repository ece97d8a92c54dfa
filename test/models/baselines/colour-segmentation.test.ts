import { describe, expect, test } from "vitest"
import { segmentByColour } from "../../../src/models/baselines/index.js"
import { batch, colours } from "../../../src/models/data/index.js"
import { eachScene, fgAri, mean } from "../../../src/models/metrics/index.js"

describe("segmentByColour", () => {
  const scenes = batch({ blockSize: 2, split: "heldOut" }, 0, 0, 320)
  const pixels = scenes.size ** 2
  const distinct = scenes.sharesColour.map((shared) => !shared)
  const average = (scores: Float64Array, which: readonly boolean[]) => mean(scores.filter((_, i) => which[i]))!

  test("without shading, k = 4 is the perfect segmentation by colour", () => {
    const scores = eachScene(scenes.masks, segmentByColour(scenes.images, pixels, { k: 4, space: "hue" }), pixels, fgAri)
    expect(average(scores, distinct)).toBe(1)
    // two of three pieces of 16 pixels alike: 60 / 107 (4 / 7 for large ones); all three alike: 0
    scores.forEach((score, i) => {
      const kinds = new Set(scenes.factors[i]!.map((f) => colours[f.colour]!.name)).size
      expect(score).toBeCloseTo([0, 0, 60 / 107, 1][kinds]!, 12)
    })
  })

  test("on raw colours the baseline is far from solving scenes with a shared colour", () => {
    const scores = eachScene(scenes.masks, segmentByColour(scenes.images, pixels, { k: 4 }), pixels, fgAri)
    expect(average(scores, scenes.sharesColour)).toBeLessThan(0.45)
    expect(average(scores, distinct)).toBeGreaterThan(0.8)
  })

  test("refuses images that do not divide", () => {
    expect(() => segmentByColour(new Float32Array(10), 2, { k: 2 })).toThrow("[scenes, 2 pixels, 3], found 10 values")
  })
})
