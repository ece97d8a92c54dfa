import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import {
  asIndex,
  at,
  axis,
  binary,
  divides,
  floorDiv,
  inRange,
  load,
  plus,
  reduced,
  times,
  unary,
} from "../../../src/core/compile/build-nest.js"
import type { Guard, Nest } from "../../../src/core/compile/nest.js"
import { arithmetic } from "../../../src/core/targets/wasm/arithmetic.js"
import { compileProgram } from "../../../src/core/targets/wasm/program.js"
import { evaluateNest, type Operand } from "../../support/nest-reference.js"
import { newSession, type PrecisionName, precisions, runSchedule, scheduleOf } from "../../support/wasm-run.js"

const at0 = (slots: readonly number[]): number => slots[0] as number
const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1)

/** Sums whose points are computed several at a time, without guards in their middle, or a part of each sum after another. */
describe.each(precisions)("reductions in tiles in %s", (p, precision) => {
  const session = newSession(p)
  const equalsDefinition = async (nest: Nest, inputs: readonly Operand[]): Promise<void> => {
    const schedule = scheduleOf(
      nest,
      inputs.map((x) => x.shape),
    )
    const data = inputs.map((x) => x.data)
    expect((await runSchedule(schedule, data, p as PrecisionName, { session }))[0]).toStrictEqual(evaluateNest(nest, inputs, precision))
  }
  const finite = fc.double({ min: -10, max: 10, noNaN: true }).map(precision.round)
  const number = fc.oneof({ weight: 30, arbitrary: finite }, fc.constantFrom(Infinity, NaN, -0, 1e30))
  const operandOf = (element: fc.Arbitrary<number>, ...shape: number[]): fc.Arbitrary<Operand> =>
    fc
      .array(element.map(precision.round), { minLength: sizeOf(shape), maxLength: sizeOf(shape), size: "max" })
      .map((data) => ({ shape, data: Float64Array.from(data) }))
  const operand = (...shape: number[]): fc.Arbitrary<Operand> => operandOf(number, ...shape)
  const size = (max: number) => fc.integer({ min: 1, max })
  const acc = { t: "acc" } as const

  const convolution = fc
    .record({ batch: size(6), width: size(9), window: size(4), inner: size(9), outer: size(20), stride: size(2) })
    .chain((s) => {
      const out = Math.ceil(s.width / s.stride)
      const [x, w, g] = [operand(s.batch, s.width, s.inner), operand(s.window, s.inner, s.outer), operand(s.batch, out, s.outer)]
      return fc.tuple(fc.constant({ ...s, out }), x, w, g, operand(s.outer))
    })

  test("a convolution with an epilogue", async () => {
    await fc.assert(
      fc.asyncProperty(convolution, async ([{ batch, width, window, inner, outer, stride, out }, x, w, , bias]) => {
        const i = plus(plus(times(axis(1), stride), axis(3)), at(-(window >> 1)))
        const ofInput = load(0, [axis(0), i, axis(4)], [inRange(i, 0, width)])
        const product = binary("mul", ofInput, load(1, [axis(3), axis(4), axis(2)]))
        const nest = reduced([batch, out, outer], "sum", [window, inner], product)
        await equalsDefinition({ ...nest, epilogue: unary("floor", binary("add", acc, load(2, [axis(2)]))) }, [x, w, bias])
      }),
    )
  })

  test("its gradient to the kernel", async () => {
    await fc.assert(
      fc.asyncProperty(convolution, async ([{ batch, width, window, inner, outer, stride, out }, x, , g]) => {
        const i = plus(plus(times(axis(3), stride), axis(0)), at(-(window >> 1)))
        const ofInput = load(0, [axis(4), i, axis(1)], [inRange(i, 0, width)])
        const product = binary("mul", ofInput, load(1, [axis(4), axis(3), axis(2)]))
        await equalsDefinition(reduced([window, inner, outer], "sum", [out, batch], product), [x, g])
      }),
    )
  })

  test("its gradient to the input, with the kernel laid out for vectors", async () => {
    await fc.assert(
      fc.asyncProperty(convolution, async ([{ batch, width, window, inner, outer, stride, out }, , w, g]) => {
        const scaled = plus(plus(axis(1), times(axis(3), -1)), at(window >> 1))
        const o = floorDiv(scaled, stride)
        const guards: readonly Guard[] = stride === 1 ? [inRange(o, 0, out)] : [divides(scaled, stride), inRange(o, 0, out)]
        const product = binary("mul", load(0, [axis(0), o, axis(4)], guards), load(1, [axis(3), axis(4), axis(2)]))
        const turned: Operand = {
          shape: [window, outer, inner],
          data: Float64Array.from({ length: sizeOf(w.shape) }, (_, n) => {
            const [k, f, c] = [Math.floor(n / (outer * inner)), Math.floor(n / inner) % outer, n % inner]
            return w.data[(k * inner + c) * outer + f] as number
          }),
        }
        await equalsDefinition(reduced([batch, width, inner], "sum", [window, outer], product), [g, turned])
      }),
    )
  })

  test("sums and maxima of rows, also of few and of rows that no vector fits", async () => {
    const sample = fc.tuple(size(20), size(9), fc.constantFrom("sum", "max"))
    await fc.assert(
      fc.asyncProperty(
        sample.chain(([m, k, combine]) => fc.tuple(operand(m, k), fc.constant(combine))),
        async ([x, combine]) => {
          const [m, k] = x.shape as [number, number]
          await equalsDefinition(reduced([m], combine, [k], load(0, [axis(0), axis(1)])), [x])
        },
      ),
    )
  })

  test("addresses that are made of data, behind a guard", async () => {
    const start = asIndex(load(0, []))
    const place = plus(start, axis(1))
    const inside = [inRange(place, 0, 7)]
    // both loads need what is known behind the guard only
    const product = binary("mul", load(1, [place]), load(2, [place, axis(0)]))
    const nest = reduced([2], "sum", [3], { t: "guarded", guards: inside, a: product })
    for (const from of [0, 3, 6]) {
      const x: Operand = { shape: [7], data: Float64Array.of(3, 5, 7, 11, 13, 17, 19) }
      const y: Operand = { shape: [7, 2], data: Float64Array.from({ length: 14 }, (_, i) => i + 1) }
      await equalsDefinition(nest, [{ shape: [], data: Float64Array.of(from) }, x, y])
    }
  })

  test.each([
    [1, 32],
    [3, 37],
    [9, 67],
    [64, 130],
  ])("%i maxima of %i neighbouring numbers: NaN wherever it stands, -0 only where nothing is above it", async (m, k) => {
    const nest = reduced([m], "max", [k], load(0, [axis(0), axis(1)]))
    const all: readonly ((i: number, row: number) => number)[] = [
      (i, row) => (i === (row * 5) % k ? NaN : i),
      (i, row) => (i === (row * 5) % k ? NaN : i % 3 === 0 ? Infinity : -i),
      (i, row) => (i === (row * 7) % k ? 0 : -0),
      (i, row) => (i % 2 === row % 2 ? -0 : -i - 1),
      () => -0,
      (i, row) => -i - row - 1,
      () => -Infinity,
      (i, row) => Math.sin(i * 3 + row),
    ]
    for (const value of all)
      await equalsDefinition(nest, [
        { shape: [m, k], data: Float64Array.from({ length: m * k }, (_, i) => precision.round(value(i % k, Math.floor(i / k)))) },
      ])
  })

  // lane i of vector j has the summands i + j w + n c w
  test.each([
    [1, 32],
    [3, 37],
    [2, 63],
    [5, 200],
    [9, 1025],
  ])("%i sums of %i neighbouring summands, in the order that is said", async (m, k) => {
    const [x, y] = [operandOf(finite, m, k), operandOf(finite, k)].map((a) => fc.sample(a, { numRuns: 1, seed: k })[0] as Operand) as [
      Operand,
      Operand,
    ]
    const width = p === "float32" ? 4 : 2
    const sumOf = (c: number, summand: (i: number) => number): number => {
      const whole = k - (k % (c * width))
      const lanes = Array.from({ length: c }, () => new Array<number>(width).fill(0))
      const add = (a: number, b: number) => precision.round(a + b)
      for (let i = 0; i < whole; i++) {
        const lane = lanes[Math.floor(i / width) % c] as number[]
        lane[i % width] = add(lane[i % width] as number, summand(i))
      }
      let sum = 0
      for (let i = whole; i < k; i++) sum = add(sum, summand(i))
      for (let n = c; n > 1; n = Math.ceil(n / 2))
        for (let j = 0; j < Math.floor(n / 2); j++)
          lanes[j] = (lanes[j] as number[]).map((a, i) => add(a, (lanes[j + Math.ceil(n / 2)] as number[])[i] as number))
      for (const lane of lanes[0] as number[]) sum = add(sum, lane)
      return sum
    }
    const rows = (c: number, summand: (row: number, i: number) => number) =>
      Float64Array.from({ length: m }, (_, row) => sumOf(c, (i) => summand(row, i)))
    const run = async (nest: Nest, inputs: readonly Operand[]) =>
      (
        await runSchedule(
          scheduleOf(
            nest,
            inputs.map((a) => a.shape),
          ),
          inputs.map((a) => a.data),
          p as PrecisionName,
          { session },
        )
      )[0]
    const element = (row: number, i: number) => x.data[row * k + i] as number
    expect(await run(reduced([m], "sum", [k], load(0, [axis(0), axis(1)])), [x])).toStrictEqual(rows(4, element))
    const product = binary("mul", load(0, [axis(0), axis(1)]), load(1, [axis(1)]))
    const products = rows(m > 1 ? 1 : 4, (row, i) => precision.round(element(row, i) * (y.data[i] as number)))
    expect(await run(reduced([m], "sum", [k], product), [x, y])).toStrictEqual(products)
    expect(await run(reduced([m], "max", [k], load(0, [axis(0), axis(1)])), [x])).toStrictEqual(
      Float64Array.from({ length: m }, (_, row) => Math.max(...x.data.slice(row * k, (row + 1) * k))),
    )
  })

  test("sums of rows leave what lies behind them as it was", () => {
    const num = arithmetic[p]
    for (const m of [2, 5, 6, 7, 11, 20]) {
      const nest = reduced([m], "sum", [9], load(0, [axis(0), axis(1)]))
      const program = compileProgram(scheduleOf(nest, [[m, 9]]), num)
      const memory = new WebAssembly.Memory({ initial: 2 })
      const [arena, input, output] = [1024, 16384, 65536]
      const words = new Int32Array(memory.buffer)
      words[(arena + at0(program.inputSlots)) / 4] = input
      words[(arena + at0(program.outputSlots)) / 4] = output
      const elements = (from: number) => new (num.bytes === 4 ? Float32Array : Float64Array)(memory.buffer, from)
      elements(input)
        .subarray(0, 9 * m)
        .fill(2)
      elements(output).fill(7)
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(program.module), { env: { memory } })
      expect((exports.run as (arena: number) => number)(arena)).toBe(0)
      expect([...elements(output).subarray(0, m + 64)]).toStrictEqual([...new Array<number>(m).fill(18), ...new Array<number>(64).fill(7)])
    }
  })

  // no vector fits a row of results, so that these are the rows of a tile
  test.each([2, 3, 7, 20])("long sums of %i windows, a part after the other", async (m) => {
    const nest = reduced(
      [m],
      "sum",
      [41, 33],
      binary("mul", load(0, [plus(axis(0), axis(1)), axis(2), axis(0)]), load(1, [axis(2), axis(1)])),
    )
    const [a, b] = fc.sample(fc.tuple(operandOf(finite, 41 + m, 33, m), operandOf(finite, 33, 41)), { numRuns: 1, seed: m })[0] as [
      Operand,
      Operand,
    ]
    await equalsDefinition(nest, [a, b])
  })

  // longer than 1024, so that its outer loop runs around the domain; not too long for the definition
  test.each([
    [[2, 3, 20], true],
    [[2, 7, 3], false],
    [[1], true],
    [[], true],
  ])("a long sum for the few results of %j, epilogue %s", async (domain, withEpilogue) => {
    const extent = [12, 9, 11]
    const [a, b] = fc.sample(fc.tuple(operandOf(finite, 13, 9, 11, 7), operandOf(finite, 11, 9, 12, 20)), { numRuns: 1, seed: 7 })[0] as [
      Operand,
      Operand,
    ]
    const rank = domain.length
    const last = rank === 3 ? axis(2) : at(0)
    const row = plus(axis(rank), rank === 3 ? axis(0) : at(0))
    const first = load(0, [row, axis(rank + 1), axis(rank + 2), rank === 3 ? axis(1) : at(0)], [inRange(row, 1, 12)])
    const product = binary("mul", first, load(1, [axis(rank + 2), axis(rank + 1), axis(rank), last]))
    const nest = reduced(domain, "sum", extent, product)
    await equalsDefinition(withEpilogue ? { ...nest, epilogue: binary("mul", acc, load(1, [at(0), at(0), at(0), last])) } : nest, [a, b])
  })
})
