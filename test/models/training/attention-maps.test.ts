import { describe, expect, test } from "vitest"
import { evaluate, tensor, toArray } from "../../../src/index.js"
import { attentionMaps } from "../../../src/models/training/index.js"
import { right } from "../../support/either.js"

describe("attention as images", () => {
  const attention = tensor([0, 1, 0.5, 0.5], [1, 1, 4])

  test("is interpolated between the places of the grid, which keep their own at the corners", () => {
    const made = right(evaluate(attentionMaps(attention, 3)))
    expect(made.shape).toEqual([1, 1, 3, 3])
    expect([...toArray(made)]).toEqual([0, 0.5, 1, 0.25, 0.5, 0.75, 0.5, 0.5, 0.5])
  })

  test("is itself where the grid is that of the pixels", () => {
    expect([...toArray(right(evaluate(attentionMaps(attention, 2))))]).toEqual([0, 1, 0.5, 0.5])
  })

  test("needs a square grid", () => {
    expect(() => attentionMaps(tensor([0, 1, 0.5], [1, 1, 3]), 3)).toThrow("attentionMaps: expected attention [B, K, N] to a square grid")
  })
})
