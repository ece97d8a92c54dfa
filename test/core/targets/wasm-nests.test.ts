import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { at, axis, binary, inRange, load, pointwise, times } from "../../../src/core/compile/build-nest.js"
import type { Nest, Scalar } from "../../../src/core/compile/nest.js"
import { evaluateNest, type Operand } from "../../support/nest-reference.js"
import { randomNest } from "../../support/random-nests.js"
import { newSession, precisions, runSchedule, scheduleOf } from "../../support/wasm-run.js"

describe.each(precisions)("nests in %s", (name, p) => {
  const session = newSession(name)
  const run = async (nest: Nest, inputs: readonly Operand[]): Promise<Float64Array> => {
    const schedule = scheduleOf(
      nest,
      inputs.map((x) => x.shape),
    )
    const [out] = await runSchedule(
      schedule,
      inputs.map((x) => x.data),
      name,
      { session },
    )
    return out as Float64Array
  }
  const reference = (nest: Nest, inputs: readonly Operand[]): Float64Array =>
    evaluateNest(
      nest,
      inputs.map(({ data, shape }) => ({ data: data.map(p.round), shape })),
      p,
    )

  test("equal the definition, bit for bit", async () => {
    await fc.assert(
      fc.asyncProperty(randomNest, async ({ nest, inputs }) => {
        expect(await run(nest, inputs)).toStrictEqual(reference(nest, inputs))
      }),
    )
  })

  test("a load that stands behind two guards does not leave its buffer where neither holds", async () => {
    const far = load(0, [times(axis(0), 2 ** 22)])
    const behind = (lo: number, a: Scalar): Scalar => ({ t: "guarded", guards: [inRange(axis(0), lo, 1)], a })
    const nest = pointwise([64], binary("add", behind(0, far), behind(-1, binary("mul", far, far))))
    const inputs = [{ shape: [3], data: Float64Array.of(5, 6, 7) }]
    expect(await run(nest, inputs)).toStrictEqual(reference(nest, inputs))
  })

  test("an index that is used as a number has no negative zero", async () => {
    for (const nest of [
      pointwise([1], { t: "ix", ix: { t: "mul", a: at(0), by: -1 } }),
      pointwise([2], { t: "ix", ix: { t: "mul", a: axis(0), by: -1 } }),
      pointwise([1], { t: "ix", ix: at(-0) }),
    ])
      expect(Object.is((await run(nest, []))[0], 0)).toBe(true)
  })
})
