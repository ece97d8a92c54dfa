import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { asIndex, axis, binary, load, plus, reduced, times } from "../../../src/core/compile/build-nest.js"
import type { Ix, Nest } from "../../../src/core/compile/nest.js"
import { evaluateNest } from "../../support/nest-reference.js"
import { newSession, precisions, runSchedule, scheduleOf } from "../../support/wasm-run.js"

/** Rows of input 1 added to the rows of a [size, width] result that input 0 names. */
const rows = (size: number, width: number, count: number, equals: Ix = asIndex(load(0, [axis(2)]))): Nest => ({
  ...reduced([size, width], "sum", [count], load(1, [axis(2), axis(1)])),
  reduce: { combine: "sum", extent: [count], indicator: { axis: 0, equals } },
})

describe.each(precisions)("scatter in %s", (p, precision) => {
  const session = newSession(p)
  const run = async (nest: Nest, shapes: readonly (readonly number[])[], data: readonly (readonly number[])[]) => {
    const [found] = await runSchedule(scheduleOf(nest, shapes), data, p, { session })
    const operands = shapes.map((shape, k) => ({ shape, data: Float64Array.from(data[k] ?? [], precision.round) }))
    expect(found).toStrictEqual(evaluateNest(nest, operands, precision))
    return [...(found as Float64Array)]
  }

  test("adds what goes to the same place, in order, and drops what is out of range", async () => {
    const values = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    const found = await run(rows(3, 2, 6), [[6], [6, 2]], [[2, -1, 2, 3, 0, NaN], values])
    expect(found).toStrictEqual([9, 10, 0, 0, 6, 8])
  })

  test("indices that no i32 holds are out of range too", async () => {
    const found = await run(
      rows(3, 1, 7),
      [[7], [7, 1]],
      [
        [2 ** 32, -(2 ** 32), 1e30, -1e30, Infinity, -Infinity, 1],
        [1, 2, 3, 4, 5, 6, 7],
      ],
    )
    expect(found).toStrictEqual([0, 7, 0])
  })

  test("an index that is computed, so that it misses some places", async () => {
    // index 2 i - 1 of each i
    const found = await run(
      rows(5, 2, 4, plus(times(axis(2), 2), { t: "const", value: -1 })),
      [[1], [4, 2]],
      [[0], [1, 2, 3, 4, 5, 6, 7, 8]],
    )
    expect(found).toStrictEqual([0, 0, 3, 4, 0, 0, 5, 6, 0, 0])
  })

  test("an epilogue is applied to the sums, also to empty ones", async () => {
    const nest: Nest = { ...rows(3, 2, 2), epilogue: binary("add", { t: "acc" }, load(2, [axis(1)])) }
    expect(
      await run(
        nest,
        [[2], [2, 2], [2]],
        [
          [1, 1],
          [1, 2, 3, 4],
          [10, 20],
        ],
      ),
    ).toStrictEqual([10, 20, 14, 26, 10, 20])
  })

  test("nothing to add leaves zeros", async () => {
    expect(await run(rows(2, 2, 0), [[1], [1, 2]], [[0], [1, 2]])).toStrictEqual([0, 0, 0, 0])
  })

  test("a summand that reads the place where it goes", async () => {
    const nest: Nest = { ...rows(3, 2, 4), body: binary("mul", load(1, [axis(2), axis(1)]), load(2, [axis(0)])) }
    await run(
      nest,
      [[4], [4, 2], [3]],
      [
        [0, 2, 2, 1],
        [1, 2, 3, 4, 5, 6, 7, 8],
        [2, 3, 5],
      ],
    )
  })

  test("equals the sum over an indicator, whatever the indices", async () => {
    const index = fc.oneof({ weight: 8, arbitrary: fc.integer({ min: -2, max: 6 }) }, fc.constantFrom(NaN, Infinity, 1e10, -1e10))
    const value = fc.double({ min: -100, max: 100, noNaN: true })
    const sample = fc
      .tuple(fc.nat({ max: 4 }), fc.nat({ max: 5 }), fc.array(index, { minLength: 1, maxLength: 12 }))
      .chain(([size, width, to]) =>
        fc.tuple(
          fc.constant({ size: size + 1, width: width + 1, to }),
          fc.array(value, { minLength: to.length * (width + 1), maxLength: to.length * (width + 1) }),
        ),
      )
    await fc.assert(
      fc.asyncProperty(sample, async ([{ size, width, to }, values]) => {
        await run(rows(size, width, to.length), [[to.length], [to.length, width]], [to, values])
      }),
    )
  })
})
