import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { asNumber, at, axis, load, pointwise } from "../../../src/core/compile/build-nest.js"
import type { Nest, Scalar } from "../../../src/core/compile/nest.js"
import { threefryLimb } from "../../../src/core/targets/interpreter/threefry.js"
import { newSession, precisions, runSchedule, scheduleOf } from "../../support/wasm-run.js"

const limbOf = (k: number): Scalar => load(0, [at(k)])

/** The four limbs of the blocks at some counts: `count` at a point of [n, 4]. */
const limbs = (n: number, count: Scalar): Nest =>
  pointwise([n, 4], { t: "threefry", key: [limbOf(0), limbOf(1), limbOf(2), limbOf(3)], count, limb: asNumber(axis(1)) })

describe.each(precisions)("threefry in %s", (p) => {
  const session = newSession(p)
  const draw = async (key: readonly number[], counts: readonly number[]): Promise<readonly number[]> => {
    const schedule = scheduleOf(limbs(counts.length, load(1, [axis(0)])), [[4], [counts.length]])
    return [...((await runSchedule(schedule, [key, counts], p, { session }))[0] as Float64Array)]
  }

  test("key (0, 0), counter (0, 0): the words of Random123", async () => {
    expect(await draw([0, 0, 0, 0], [0])).toStrictEqual([0x6b20, 0x0159, 0x99ba, 0x4efe])
  })

  test("equals the interpreter for any key and count", async () => {
    const limb = fc.nat({ max: 0xffff })
    const [least, most] = p === "float32" ? [-(2 ** 24), 2 ** 24] : [-(2 ** 31), 2 ** 32 - 1]
    const count = fc.oneof(fc.constantFrom(-1, 0, least, most), fc.double({ min: least, max: most, noNaN: true }).map(Math.round))
    await fc.assert(
      fc.asyncProperty(fc.tuple(limb, limb, limb, limb), fc.array(count, { minLength: 1, maxLength: 6 }), async (key, counts) => {
        const expected = counts.flatMap((c) => [0, 1, 2, 3].map((k) => threefryLimb(...key, c, k)))
        expect(await draw(key, counts)).toStrictEqual(expected)
      }),
    )
  })

  test("an index as the count is exact also where no element could hold it", async () => {
    const from = 2 ** 24 + 1
    const nest = limbs(3, { t: "ix", ix: { t: "add", a: axis(0), b: at(from) } })
    const [found] = await runSchedule(scheduleOf(nest, [[4]]), [[1, 2, 3, 4]], p, { session })
    const expected = [0, 1, 2].flatMap((i) => [0, 1, 2, 3].map((k) => threefryLimb(1, 2, 3, 4, from + i, k)))
    expect([...(found as Float64Array)]).toStrictEqual(expected)
  })

  test("xor16 of any two limbs", async () => {
    const limb = fc.nat({ max: 0xffff })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(limb, limb), { minLength: 1, maxLength: 9 }), async (pairs) => {
        const n = pairs.length
        const nest = pointwise([n], { t: "xor16", a: load(0, [axis(0)]), b: load(1, [axis(0)]) })
        const schedule = scheduleOf(nest, [[n], [n]])
        const [found] = await runSchedule(schedule, [pairs.map(([a]) => a), pairs.map(([, b]) => b)], p, { session })
        expect([...(found as Float64Array)]).toStrictEqual(pairs.map(([a, b]) => a ^ b))
      }),
    )
  })
})
