import { expect, test } from "vitest"
import { eachScene, fgAri, labelsFromMasks, mean } from "../../../src/models/metrics/index.js"

test("labelsFromMasks takes the largest, ties to the lowest slot", () => {
  // two scenes, two slots, three pixels
  const masks = [0.9, 0.5, 0.2, 0.1, 0.5, 0.8, -1, Number.NEGATIVE_INFINITY, 3, -2, Number.NEGATIVE_INFINITY, 4]
  expect([...labelsFromMasks(masks, 2, 3)]).toEqual([0, 0, 1, 0, 0, 1])
})

test("labelsFromMasks refuses what is not masks", () => {
  expect(() => labelsFromMasks([1, 2, 3], 2, 1)).toThrow("[scenes, 2 slots (1 to 256), 1 pixels], found 3 values")
  expect(() => labelsFromMasks([0, Number.NaN], 2, 1)).toThrow("mask of slot 1 is NaN at pixel 0 of scene 0")
})

test("eachScene scores scene by scene and mean averages", () => {
  const truth = Uint8Array.from([1, 1, 2, 2, 1, 1, 2, 2])
  const predicted = Uint8Array.from([0, 0, 1, 1, 0, 0, 0, 0])
  const scores = eachScene(truth, predicted, 4, fgAri)
  expect([...scores]).toEqual([1, 0])
  expect(mean(scores)).toBe(0.5)
  expect(mean([])).toBeNull()
  expect(() => eachScene(truth, predicted, 3, fgAri)).toThrow("[scenes, 3]")
})
