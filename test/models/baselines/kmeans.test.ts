import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { kMeans } from "../../../src/models/baselines/index.js"

const inertia = (data: Float32Array, features: number, labels: Uint8Array, centres: Float64Array): number =>
  data.reduce((sum, value, i) => sum + (value - centres[labels[Math.floor(i / features)]! * features + (i % features)]!) ** 2, 0)

describe("kMeans", () => {
  test("finds groups that lie apart", () => {
    const data = Float32Array.from([0, 0, 0.1, 0, 5, 5, 5.1, 5, 0, 9, 0.1, 9])
    const { labels, centres, inertia } = kMeans(data, 2, { k: 3 })
    expect(labels[0]).toBe(labels[1])
    expect(labels[2]).toBe(labels[3])
    expect(labels[4]).toBe(labels[5])
    expect(new Set(labels).size).toBe(3)
    expect(inertia).toBeCloseTo(3 * 2 * 0.05 ** 2, 5)
    expect([...centres].map((c) => Math.round(c * 100) / 100).sort((a, b) => a - b)).toEqual([0, 0.05, 0.05, 5, 5.05, 9])
  })

  const problems = fc.record({
    values: fc.array(
      fc.integer({ min: -20, max: 20 }).map((n) => n / 4),
      { minLength: 2, maxLength: 80 },
    ),
    k: fc.integer({ min: 1, max: 5 }),
    seed: fc.nat(),
  })

  test("every point has its nearest centre, and the inertia is what it says", () => {
    fc.assert(
      fc.property(problems, ({ values, k, seed }) => {
        const data = Float32Array.from(values.slice(0, values.length - (values.length % 2)))
        const result = kMeans(data, 2, { k, seed })
        expect(result.inertia).toBeCloseTo(inertia(data, 2, result.labels, result.centres), 8)
        for (let c = 0; c < k; c++) {
          const other = Uint8Array.from(result.labels)
          for (let i = 0; i < other.length; i++) {
            other[i] = c
            expect(inertia(data, 2, other, result.centres)).toBeGreaterThanOrEqual(result.inertia - 1e-9)
            other[i] = result.labels[i]!
          }
        }
        expect(kMeans(data, 2, { k, seed })).toEqual(result)
      }),
    )
  })

  test("more restarts are never worse, and as many centres as distinct points leave nothing", () => {
    fc.assert(
      fc.property(problems, ({ values, k, seed }) => {
        const data = Float32Array.from(values)
        expect(kMeans(data, 1, { k, seed, restarts: 6 }).inertia).toBeLessThanOrEqual(kMeans(data, 1, { k, seed, restarts: 2 }).inertia)
        const distinct = new Set(data).size
        if (distinct <= 5) expect(kMeans(data, 1, { k: distinct, seed }).inertia).toBe(0)
      }),
    )
  })

  test("refuses what it cannot cluster", () => {
    expect(() => kMeans(new Float32Array(0), 2, { k: 2 })).toThrow("at least one point, found 0 values")
    expect(() => kMeans(new Float32Array(4), 2, { k: 0 })).toThrow("k must be an integer from 1 to 255, found 0")
    expect(() => kMeans(Float32Array.from([0, 1, Number.NaN, 1]), 2, { k: 1 })).toThrow("found NaN in point 1")
    expect(() => kMeans(new Float32Array(4), 2, { k: 1, restarts: 0 })).toThrow("restarts must be a positive integer")
  })
})
