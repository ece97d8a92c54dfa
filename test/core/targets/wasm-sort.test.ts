import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Schedule } from "../../../src/core/compile/schedule.js"
import { float, newSession, precisions, runSchedule } from "../../support/wasm-run.js"

const sortOf = (rows: number, length: number): Schedule => ({
  buffers: [float(rows, length), float(rows, length), float(rows, length)],
  inputs: [0],
  outputs: [1, 2],
  steps: [{ t: "routine", name: "sort", inputs: [0], outputs: [1, 2] }],
})

/** Where each element of a sorted row comes from: NaN last, equal ones in their order, -0 equal to 0. */
const order = (row: readonly number[]): readonly number[] =>
  [...row.keys()].sort((i, j) => {
    const [a, b] = [row[i] as number, row[j] as number]
    const rank = Number(Number.isNaN(a)) - Number(Number.isNaN(b))
    return rank !== 0 ? rank : a < b ? -1 : a > b ? 1 : i - j
  })

describe.each(precisions)("sort in %s", (p, { round }) => {
  const session = newSession(p)
  const sort = async (rows: readonly (readonly number[])[]) => {
    const length = rows[0]?.length ?? 0
    const [values, positions] = await runSchedule(sortOf(rows.length, length), [rows.flat()], p, { session })
    const split = (all: Float64Array | undefined) => rows.map((_, i) => [...(all as Float64Array).subarray(i * length, (i + 1) * length)])
    return { values: split(values), positions: split(positions) }
  }

  test("NaN is last, -0 equals 0, equal elements keep their order", async () => {
    const { values, positions } = await sort([[NaN, 2, 0, -0, -Infinity, NaN, Infinity, -0, 0, 2]])
    expect(values).toStrictEqual([[-Infinity, 0, -0, -0, 0, 2, 2, Infinity, NaN, NaN]])
    expect(positions).toStrictEqual([[4, 2, 3, 7, 8, 1, 9, 6, 0, 5]])
  })

  test("rows of any length, one after the other", async () => {
    // few different values, so that many are equal
    const element = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(NaN, -0, Infinity, -Infinity), fc.double().map(round))
    const rows = fc
      .nat({ max: 70 })
      .chain((n) => fc.array(fc.array(element, { minLength: n, maxLength: n }), { minLength: 1, maxLength: 4 }))
    await fc.assert(
      fc.asyncProperty(rows, async (x) => {
        const { values, positions } = await sort(x)
        expect(positions).toStrictEqual(x.map(order))
        expect(values).toStrictEqual(x.map((row) => order(row).map((i) => row[i])))
      }),
    )
  })

  test("a long row, and one in order already", async () => {
    const long = Array.from({ length: 5000 }, (_, i) => round(Math.sin(i * i)))
    const rising = Array.from({ length: 5000 }, (_, i) => i)
    expect(await sort([long, rising])).toStrictEqual({
      values: [order(long).map((i) => long[i]), rising],
      positions: [order(long), rising],
    })
  })
})
