/** What the page of a comparison says of configurations, and in how many words. */
import { describe, expect, test } from "vitest"
import { comparisonReport, entrantConfigs, entrants, type Outcome } from "../../../src/models/comparison/index.js"
import { left, right } from "../../support/either.js"

const outcomes = (variants: readonly string[], seeds: readonly number[]): readonly Outcome[] =>
  right(entrantConfigs(right(entrants(variants, seeds)), [{ name: "steps", value: 7 }])).map((one) => ({
    ...one,
    metrics: [],
    secondsAStep: Number.NaN,
    summary: null,
    failure: null,
  }))

describe("the page of a comparison", () => {
  test("shows a value that all share, and who has which of the others", () => {
    const { config } = comparisonReport("c", outcomes(["unrolled", "exact+model.slots=5"], [3, 4]))
    expect(config).toMatchObject({
      steps: 7,
      seed: "3, 4",
      "model.adjoint": "unrolled (unrolled), exact (exact+model.slots=5)",
      "model.slots": "4 (unrolled), 5 (exact+model.slots=5)",
      "model.iterations": 3,
    })
  })

  test("a value that only one family has is that family's", () => {
    const { config } = comparisonReport("c", outcomes(["family=slate", "oneStep"], [3]))
    expect(config).toMatchObject({ seed: 3, "decoder.layers": "2 (oneStep)", "temperature.from": "1 (family=slate)" })
  })

  test("counts in the right number", () => {
    expect(comparisonReport("c", outcomes(["unrolled", "exact"], [0])).summary).toMatch(/^2 variants with 1 seed each/)
    expect(comparisonReport("c", outcomes(["unrolled", "exact"], [0, 1])).summary).toMatch(/^2 variants with 2 seeds each/)
  })
})

test.each([
  ["model.slots=0", /^variant "model\.slots=0": config\.model\.slots: expected a whole number from 1 to 64, found 0/],
  ["steps=0", /^variant "steps=0": config\.steps: expected at least 1 to compare, found 0/],
])("%s is refused before anything is trained", (variant, message) => {
  expect(left(entrantConfigs(right(entrants([variant, "exact"], [0])), [])).message).toMatch(message)
})
