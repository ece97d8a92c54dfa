import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { at, axis, binary, inRange, load, plus, reduced, times } from "../../../src/core/compile/build-nest.js"
import type { Nest } from "../../../src/core/compile/nest.js"
import { layOut } from "../../../src/core/compile/operands/index.js"
import { evaluateNest, type Operand } from "../../support/nest-reference.js"
import { newSession, precisions, runSchedule, scheduleOf } from "../../support/wasm-run.js"

const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1)

/** Products whose operands are copied to panels and padded, against the definition, to the bit. */
describe.each(precisions)("operands laid out in %s", (p, precision) => {
  const session = newSession(p)
  const lanes = p === "float32" ? 4 : 2
  const operand = (seed: number, ...shape: number[]): Operand => ({
    shape,
    data: Float64Array.from({ length: sizeOf(shape) }, (_, i) => precision.round(Math.sin(i * 1.7 + seed * (i % 7)))),
  })
  const run = async (nest: Nest, inputs: readonly Operand[]): Promise<readonly string[]> => {
    const schedule = layOut(
      scheduleOf(
        nest,
        inputs.map((x) => x.shape),
      ),
      lanes,
    )
    const values = await runSchedule(
      schedule,
      inputs.map((x) => x.data),
      p,
      { session },
    )
    expect(values[0]).toStrictEqual(evaluateNest(nest, inputs, precision))
    return schedule.steps.flatMap((s) => (s.t === "kernel" && s.name !== "kernel" ? [s.name.split(" ")[0] as string] : []))
  }
  const acc = { t: "acc" } as const
  const withBias = (nest: Nest, input: number): Nest => ({
    ...nest,
    epilogue: binary("max", binary("add", acc, load(input, [axis(1)])), at0),
  })
  const at0 = { t: "lit", value: 0 } as const

  // sums in one block, in several with and without a rest, and columns that fill panels, vectors or neither
  test.each([
    [64, 65, 33],
    [67, 2, 16],
    [70, 300, 41],
    [64, 1537, 17],
    [65, 2048, 20],
    [64, 3201, 23],
  ])("a product of [%i, %i] with %i columns that lie across, and an epilogue", async (m, k, n) => {
    const nest = reduced([m, n], "sum", [k], binary("mul", load(0, [axis(0), axis(2)]), load(1, [axis(1), axis(2)])))
    expect(await run(withBias(nest, 2), [operand(1, m, k), operand(2, n, k), operand(3, n)])).toEqual(["pack"])
  })

  test("batches of products, long and short", async () => {
    const size = fc.integer({ min: 1, max: 9 })
    await fc.assert(
      fc.asyncProperty(size, size, fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 40 }), async (b, k, m, n) => {
        const product = binary("mul", load(0, [axis(1), axis(3), axis(0)]), load(1, [axis(0), axis(2), axis(3)]))
        const made = await run(reduced([b, m, n], "sum", [k], product), [operand(b, m, k, b), operand(k, b, n, k)])
        fc.pre(made.length < 3)
      }),
      { numRuns: 30 },
    )
  })

  test.each([
    [1, 3, 3, 20],
    [2, 5, 2, 16],
    [1, 5, 3, 37],
  ])("convolutions with stride %i and windows of %i, forward and to the kernel", async (stride, window, channels, features) => {
    const [batch, width] = [2, 12]
    const out = Math.ceil(width / stride)
    const place = (o: number, k: number) => plus(plus(times(axis(o), stride), axis(k)), at(-(window >> 1)))
    const ofInput = (n: number, row: readonly [number, number], column: readonly [number, number], c: number) => {
      const [i, j] = [place(...row), place(...column)]
      return load(0, [axis(n), i, j, axis(c)], [inRange(i, 0, width), inRange(j, 0, width)])
    }
    const x = operand(1, batch, width, width, channels)
    const forward = binary("mul", ofInput(0, [1, 4], [2, 5], 6), load(1, [axis(4), axis(5), axis(6), axis(3)]))
    const w = operand(2, window, window, channels, features)
    expect(await run(reduced([batch, out, out, features], "sum", [window, window, channels], forward), [x, w])).toContain("pad")
    const toKernel = binary("mul", ofInput(4, [5, 0], [6, 1], 2), load(1, [axis(4), axis(5), axis(6), axis(3)]))
    const g = operand(3, batch, out, out, features)
    expect(await run(reduced([window, window, channels, features], "sum", [batch, out, out], toKernel), [x, g])).toContain("pad")
  })
})
