/** Variants as they are typed: what is between values, and what is in them. */
import { describe, expect, test } from "vitest"
import { entrants, variantTexts } from "../../../src/models/comparison/index.js"
import { right } from "../../support/either.js"

describe("variants", () => {
  test.each([
    ["unrolled, oneStep,exact", ["unrolled", "oneStep", "exact"]],
    ["encoder.kernels=[5,3,3],exact", ["encoder.kernels=[5,3,3]", "exact"]],
    ['model.adjoint={"_tag":"phantom","steps":5,"tau":0.5},exact', ['model.adjoint={"_tag":"phantom","steps":5,"tau":0.5}', "exact"]],
    ['data.path="a,\\",[b",exact', ['data.path="a,\\",[b"', "exact"]],
    ["encoder.kernels=[5,3", ["encoder.kernels=[5,3"]],
    ["exact,", ["exact", ""]],
  ])("%s", (text, parts) => {
    expect(variantTexts(text)).toEqual(parts)
  })

  test.each([
    ["optimiser.rate=1e+1", [["optimiser.rate", 10]]],
    [
      "optimiser.rate=1e+1+encoder.kernels=[5,3]+oneStep",
      [
        ["optimiser.rate", 10],
        ["encoder.kernels", [5, 3]],
        ["model.adjoint", "oneStep"],
      ],
    ],
    [
      "exact+data.path=a+b/exact+steps=3",
      [
        ["model.adjoint", "exact"],
        ["data.path", "a+b/exact"],
        ["steps", 3],
      ],
    ],
    ['data.path="a+steps=3"', [["data.path", "a+steps=3"]]],
    [
      "data.path=exactly+exact",
      [
        ["data.path", "exactly"],
        ["model.adjoint", "exact"],
      ],
    ],
    ["data.path=a+exactly", [["data.path", "a+exactly"]]],
  ])("%s sets %j", (text, settings) => {
    const [first] = right(entrants([text, "unrolled"], [0]))
    expect(first?.contender.settings.map(({ name, value }) => [name, value])).toEqual(settings)
  })
})
