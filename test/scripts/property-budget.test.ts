import { expect, test } from "vitest"
import { propertyBudget } from "../support/property-budget.js"

test("CI tries the same inputs every time", () => {
  expect(propertyBudget({ CI: "true" })).toEqual(propertyBudget({ CI: "true" }))
  expect(propertyBudget({ CI: "true" }).numRuns).toBe(50)
})

test("FC_SEED and FC_RUNS override, in CI too", () => {
  expect(propertyBudget({ CI: "true", FC_SEED: "-7", FC_RUNS: "1000" })).toEqual({ seed: -7, numRuns: 1000 })
})

test("a seed that is no integer is refused by name", () => {
  expect(() => propertyBudget({ FC_SEED: "7a" })).toThrow('FC_SEED: expected an integer, found "7a"')
})
