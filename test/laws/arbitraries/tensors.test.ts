/** Tensors under test suit finite differences: exact steps, no kink and no pole nearby; and they shrink to something plain. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type AnyTensor, type Elem, toArray } from "../../../src/core/index.js"
import {
  awayFromZero,
  bools,
  distinct,
  dominant,
  drawn,
  indices,
  integers,
  key,
  keys,
  normal,
  permutation,
  positive,
  regular,
  shape,
  uniform,
} from "../../../src/laws/arbitraries/index.js"

/** The largest step of differences along a direction, whose entries are at most 1 (function/difference.ts, taylor.ts). */
const DIFFERENCES = 2 ** -10
const LINE = 2 ** -4

const shapes = shape()
const data = (t: AnyTensor): readonly number[] => Array.from(toArray(t))
const every = <E extends Elem>(tensors: fc.Arbitrary<AnyTensor & { readonly type: { readonly elem: E } }>, holds: (x: number) => boolean) =>
  fc.assert(fc.property(tensors as fc.Arbitrary<AnyTensor>, (t) => data(t).every(holds)))
const multipleOf = (unit: number) => (x: number) => Number.isInteger(x / unit)

describe.each([
  ["short", shapes],
  ["long (drawn as one seed)", fc.constant<readonly number[]>([5, 20])],
])("%s", (_name, of) => {
  test("uniform numbers are multiples of 1/16 in [-4, 4]", () => every(uniform(of), (x) => multipleOf(1 / 16)(x) && Math.abs(x) <= 4))
  test("normal numbers are multiples of 1/16", () => every(normal(of), (x) => multipleOf(1 / 16)(x) && Math.abs(x) < 8))
  test("positive numbers stay positive along any direction", () =>
    every(positive(of), (x) => multipleOf(1 / 16)(x) && x >= 4 * LINE && x <= 4))
  test("numbers away from zero keep their sign along any direction", () =>
    every(awayFromZero(of), (x) => multipleOf(1 / 16)(x) && Math.abs(x) >= 8 * LINE && Math.abs(x) <= 4))

  test("distinct numbers keep their order along any direction", () => {
    fc.assert(
      fc.property(distinct(of), (t) => {
        const sorted = data(t).toSorted((a, b) => a - b)
        return sorted.every((x, i) => multipleOf(1 / 8)(x) && (i === 0 || x - (sorted[i - 1] as number) > 2 * DIFFERENCES))
      }),
    )
  })

  test("whole numbers, truth values, keys, positions", () => {
    every(integers(of), (x) => Number.isInteger(x) && Math.abs(x) <= 9)
    every(bools(of), (x) => x === 0 || x === 1)
    every(keys(of), (x) => Number.isInteger(x) && x >= 0 && x < 2 ** 16)
    every(indices(3)(of), (x) => Number.isInteger(x) && x >= -1 && x <= 3)
  })
})

/** Whether row and column i hold one element that is larger than the sum of the others. */
const outweighs = (rows: readonly (readonly number[])[]): boolean =>
  [...rows, ...rows.map((_, j) => rows.map((r) => r[j] as number))].every((line) => {
    const sizes = line.map(Math.abs)
    return 2 * Math.max(...sizes) > sizes.reduce((a, x) => a + x, 0)
  })

test("matrices have an element that outweighs the rest of its row and column", () => {
  const square = fc.integer({ min: 1, max: 12 }).map((n) => [n, n])
  const rowsOf = (t: AnyTensor) => {
    const n = t.shape[1] as number
    return Array.from({ length: n }, (_, i) => data(t).slice(i * n, (i + 1) * n))
  }
  fc.assert(fc.property(regular(square), (t) => outweighs(rowsOf(t))))
  fc.assert(
    fc.property(dominant(square), (t) => {
      const diagonal = rowsOf(t).map((r, i) => r[i] as number)
      return outweighs(rowsOf(t)) && diagonal.every((x) => x >= 2) && new Set(diagonal).size === diagonal.length
    }),
  )
})

test("steps of differences are exact", () => {
  const pairs = drawn((d) => {
    const t = { elem: "float", shape: [4] } as const
    return { x: d.values(t, { t: "real" }), v: d.direction(t) }
  })
  fc.assert(
    fc.property(pairs, fc.integer({ min: 0, max: 3 }), ({ x, v }, k) => {
      const h = DIFFERENCES / 2 ** k
      return x.every((a, i) => Math.abs(v[i] as number) <= 1 && (a + h * (v[i] as number) - a) / h === v[i])
    }),
  )
})

test("positions reach just outside on both sides", () => {
  const seen = new Set(fc.sample(indices(2)([8]), { seed: 1, numRuns: 50 }).flatMap(data))
  expect([...seen].sort()).toEqual([-1, 0, 1, 2])
})

test("normal numbers are normal: the variance, and a third of them beyond one standard deviation", () => {
  const all = fc.sample(fc.noBias(normal([100])), { seed: 1, numRuns: 100 }).flatMap(data)
  const mean = all.reduce((s, x) => s + x, 0) / all.length
  const variance = all.reduce((s, x) => s + x * x, 0) / all.length
  // five standard errors of 10^4 numbers: 0.05 of the mean, 5 sqrt(2 / 10^4) = 0.07 of the variance
  expect(Math.abs(mean)).toBeLessThan(0.05)
  expect(Math.abs(variance - 1)).toBeLessThan(0.07)
  // at 1 +- 1/32 (multiples of 1/16) the quantile is 0.683 +- 0.015; five standard errors are 0.023
  expect(Math.abs(all.filter((x) => Math.abs(x) <= 1).length / all.length - 0.683)).toBeLessThan(0.038)
})

test("shapes have the ranks and sizes asked for, and shrink to the smallest", () => {
  const of = shape({ rank: [1, 2], size: [2, 5] })
  fc.assert(fc.property(of, (s) => s.length >= 1 && s.length <= 2 && s.every((n) => n >= 2 && n <= 5)))
  expect(fc.check(fc.property(of, () => false)).counterexample).toEqual([[2]])
  expect(fc.check(fc.property(shapes, (s) => s.length < 2)).counterexample).toEqual([[1, 1]])
})

test("permutations hold each number once", () => {
  fc.assert(
    fc.property(
      permutation(5),
      (p) =>
        data(p)
          .toSorted((a, b) => a - b)
          .join() === "0,1,2,3,4",
    ),
  )
  expect(new Set(fc.sample(permutation(3), { seed: 1, numRuns: 60 }).map((p) => data(p).join())).size).toBe(6)
})

test("a key has four limbs", () => fc.assert(fc.property(key(), (k) => k.type.elem === "key" && data(k).length === 4)))

describe("shrinking", () => {
  const smallest = (of: fc.Arbitrary<AnyTensor>, holds: (x: readonly number[]) => boolean): AnyTensor =>
    (fc.check(fc.property(of, (t) => holds(data(t)))).counterexample as [AnyTensor])[0]

  test("ends at zeros, and one number just beyond the bound", () => {
    const found = smallest(uniform([4]), (x) => x.every((n) => n < 2))
    expect(data(found).toSorted((a, b) => a - b)).toEqual([0, 0, 0, 2])
    expect(data(smallest(uniform([8, 16]), () => false)).every((x) => x === 0)).toBe(true)
  })

  test("ends at few axes of small sizes", () => {
    expect(smallest(uniform(shapes), () => false).shape).toEqual([])
  })
})
