import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { drawsOf, threefry2x32 } from "../../../src/models/data/index.js"

describe("threefry2x32", () => {
  // Random123 known-answer tests, threefry2x32 with 20 rounds
  test.each([
    [
      [0, 0],
      [0, 0],
      [0x6b200159, 0x99ba4efe],
    ],
    [
      [0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x1cb996fc, 0xbb002be7],
    ],
    [
      [0x13198a2e, 0x03707344],
      [0x243f6a88, 0x85a308d3],
      [0xc4923a9c, 0x483df7a0],
    ],
  ] as const)("key %j counter %j", ([k0, k1], [c0, c1], expected) => {
    expect(threefry2x32(k0, k1, c0, c1)).toEqual(expected)
  })
})

describe("drawsOf", () => {
  const some = (seed: number, stream: number, index: number) => {
    const draws = drawsOf(seed, stream, index)
    return Array.from({ length: 8 }, draws.bits)
  }

  test("is a function of seed, stream and index, and each of them matters", () => {
    expect(some(1, 2, 3)).toEqual(some(1, 2, 3))
    const all = [some(1, 2, 3), some(2, 2, 3), some(1, 3, 3), some(1, 2, 4), some(1 + 2 ** 32, 2, 3), some(1 + 2 ** 52, 2, 3)].flat()
    expect(new Set(all).size).toBe(all.length)
  })

  test("below(n) is in range and uniform", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 32 }), fc.nat(), (n, seed) => {
        const draw = drawsOf(seed, 0, 0).below(n)
        return Number.isInteger(draw) && draw >= 0 && draw < n
      }),
    )
    const counts = new Array<number>(17).fill(0)
    const draws = drawsOf(5, 0, 0)
    for (let i = 0; i < 17_000; i++) counts[draws.below(17)]!++
    const chiSquared = counts.reduce((sum, c) => sum + (c - 1000) ** 2 / 1000, 0)
    expect(chiSquared).toBeLessThan(39.3) // 99.9 % point for 16 degrees of freedom
  })

  test("uniform is in [0, 1) with mean one half", () => {
    const draws = drawsOf(11, 0, 0)
    let sum = 0
    for (let i = 0; i < 10_000; i++) {
      const u = draws.uniform()
      expect(u >= 0 && u < 1).toBe(true)
      sum += u
    }
    expect(sum / 10_000).toBeCloseTo(0.5, 1)
  })

  test.each([
    [-1, 0, 0],
    [0.5, 0, 0],
    [0, 2 ** 32, 0],
    [0, 0, -1],
    [Number.NaN, 0, 0],
  ])("refuses seed %d stream %d index %d", (s, t, i) => {
    expect(() => drawsOf(s, t, i)).toThrow(/must be an integer from 0 to/)
  })
})
