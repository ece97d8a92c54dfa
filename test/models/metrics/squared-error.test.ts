import { expect, test } from "vitest"
import { mse, msePerImage } from "../../../src/models/metrics/index.js"

test("mse is the mean over values, msePerImage the sum over an image", () => {
  const [a, b] = [
    [0, 1, 2, 3],
    [0, 3, 2, 2],
  ] // squares 0, 4, 0, 1
  expect(mse(a, b)).toBe(1.25)
  expect(msePerImage(a, b, 1)).toBe(5)
  expect(msePerImage(a, b, 2)).toBe(2.5)
  expect(mse(a, a)).toBe(0)
  expect(mse([], [])).toBe(0)
})

test("not a number stays visible", () => {
  expect(mse([Number.NaN], [0])).toBeNaN()
})

test("refuses unequal lengths and images that do not divide", () => {
  expect(() => mse([1], [1, 2])).toThrow("arrays of one length, found 1 and 2 values")
  expect(() => msePerImage([1, 2, 3], [1, 2, 3], 2)).toThrow("3 values do not divide into 2 images")
})
