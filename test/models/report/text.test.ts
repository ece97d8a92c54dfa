import { expect, test } from "vitest"
import { fixed, number } from "../../../src/models/report/text.js"

test.each<[number, string]>([
  [0, "0"],
  [1, "1"],
  [-0.5, "−0.5"],
  [0.042137, "0.04214"],
  [12345, "12\u202f345"],
  [1234.5678, "1235"],
  [1234567, "1\u202f234\u202f567"],
  [3.14e-4, "3.1·10⁻⁴"],
  [-2e10, "−2.0·10¹⁰"],
  [Number.NaN, "NaN"],
  [Number.POSITIVE_INFINITY, "∞"],
  [Number.NEGATIVE_INFINITY, "−∞"],
])("number(%d) = %s", (value, text) => {
  expect(number(value)).toBe(text)
})

test("fixed keeps digits, and shows what is not finite", () => {
  expect([fixed(0.5, 3), fixed(-1, 1), fixed(Number.NaN, 2)]).toEqual(["0.500", "−1.0", "NaN"])
})
