import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { axis, binary, lit, load, pointwise, reduced, times, unary } from "../../../src/core/compile/build-nest.js"
import type { Nest, Scalar, UnaryFn } from "../../../src/core/compile/nest.js"
import { evaluateNest, type Operand } from "../../support/nest-reference.js"
import { newSession, precisions, right, runSchedule, scheduleOf } from "../../support/wasm-run.js"

const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1)

describe.each(precisions)("vectors in %s", (p, precision) => {
  const session = newSession(p)
  const run = async (nest: Nest, inputs: readonly Operand[], style: "vector" | "scalar"): Promise<Float64Array> => {
    const schedule = scheduleOf(
      nest,
      inputs.map((x) => x.shape),
    )
    expect(right(session.loadSchedule(schedule)).describe()[0]).toContain(`: ${style}`)
    const [found] = await runSchedule(
      schedule,
      inputs.map((x) => x.data),
      p,
      { session },
    )
    return found as Float64Array
  }
  const number = fc.double({ min: -1e3, max: 1e3, noNaN: true }).map(precision.round)
  const operand = (...shape: number[]): fc.Arbitrary<Operand> =>
    fc
      .array(number, { minLength: sizeOf(shape), maxLength: sizeOf(shape), size: "max" })
      .map((data) => ({ shape, data: Float64Array.from(data) }))
  const size = (max: number) => fc.integer({ min: 1, max })

  const fns: readonly UnaryFn[] = ["exp", "log", "tanh", "sqrt", "sin", "cos", "neg", "floor", "not", "isFinite"]
  test.each(fns)("%s has the same bits in a vector as alone", async (fn) => {
    const anything = fc.oneof(fc.double().map(precision.round), fc.double({ min: -10, max: 10 }).map(precision.round))
    await fc.assert(
      fc.asyncProperty(fc.array(anything, { minLength: 4, maxLength: 40 }), async (xs) => {
        const n = xs.length
        const data = Float64Array.from(xs)
        const spread = Float64Array.from({ length: 2 * n }, (_, i) => data[i >> 1] as number)
        const together = await run(pointwise([n], unary(fn, load(0, [axis(0)]))), [{ data, shape: [n] }], "vector")
        const apart = pointwise([n], unary(fn, load(0, [times(axis(0), 2)])))
        expect(together).toStrictEqual(await run(apart, [{ data: spread, shape: [2 * n] }], "scalar"))
      }),
    )
  })

  test.each(["exp", "log", "tanh", "sin", "cos"] as const)(
    "%s has the same bits where a kernel is too long to hold it in place",
    async (fn) => {
      const of = (x: Scalar): Scalar =>
        Array.from({ length: 12 }, (_, k) => unary(fn, binary("mul", x, lit(k + 1)))).reduce((a, b) => binary("add", a, b))
      await fc.assert(
        fc.asyncProperty(fc.array(number, { minLength: 4, maxLength: 40 }), async (xs) => {
          const n = xs.length
          const data = Float64Array.from(xs)
          const spread = Float64Array.from({ length: 2 * n }, (_, i) => data[i >> 1] as number)
          const together = await run(pointwise([n], of(load(0, [axis(0)]))), [{ data, shape: [n] }], "vector")
          const apart = pointwise([n], of(load(0, [times(axis(0), 2)])))
          expect(together).toStrictEqual(await run(apart, [{ data: spread, shape: [2 * n] }], "scalar"))
        }),
        { numRuns: 20 },
      )
    },
  )

  test("a product of matrices has the same bits as one whose second factor lies across", async () => {
    const sample = fc
      .tuple(size(9), fc.integer({ min: 2, max: 9 }), fc.integer({ min: 4, max: 45 }))
      .chain(([m, k, n]) => fc.tuple(operand(m, k), operand(k, n)))
    await fc.assert(
      fc.asyncProperty(sample, async ([a, b]) => {
        const [m, k, n] = [a.shape[0], a.shape[1], b.shape[1]] as [number, number, number]
        const across = {
          shape: [n, k],
          data: Float64Array.from({ length: n * k }, (_, i) => b.data[(i % k) * n + Math.floor(i / k)] as number),
        }
        const product = (second: Operand, ...index: [number, number]) => ({
          nest: reduced([m, n], "sum", [k], binary("mul", load(0, [axis(0), axis(2)]), load(1, index.map(axis)))),
          inputs: [a, second],
        })
        const along = product(b, 2, 1)
        const found = await run(along.nest, along.inputs, "vector")
        const turned = product(across, 1, 2)
        expect(found).toStrictEqual(await run(turned.nest, turned.inputs, "scalar"))
        expect(found).toStrictEqual(evaluateNest(along.nest, along.inputs, precision))
      }),
    )
  })

  test("the largest of rows, and sums of something else than products", async () => {
    const sample = fc.tuple(size(9), size(9), fc.integer({ min: 4, max: 40 })).chain(([m, k, n]) => fc.tuple(operand(m, k), operand(k, n)))
    await fc.assert(
      fc.asyncProperty(sample, fc.constantFrom("sum", "max"), async ([a, b], combine) => {
        const [m, k, n] = [a.shape[0], a.shape[1], b.shape[1]] as [number, number, number]
        const difference = binary("sub", load(0, [axis(0), axis(2)]), load(1, [axis(2), axis(1)]))
        const nest = reduced([m, n], combine, [k], binary("mul", difference, difference))
        expect(await run(nest, [a, b], "vector")).toStrictEqual(evaluateNest(nest, [a, b], precision))
      }),
    )
  })
})
