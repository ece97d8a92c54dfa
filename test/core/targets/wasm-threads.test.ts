/** The same bits for any number of threads: random nests, schedules and graphs, and shapes around every tile. */
import * as fc from "fast-check"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { at, axis, binary, inRange, load, plus, pointwise, reduced } from "../../../src/core/compile/build-nest.js"
import { fuse } from "../../../src/core/compile/fuse.js"
import { lowerGraph } from "../../../src/core/compile/lower.js"
import type { Nest } from "../../../src/core/compile/nest.js"
import { layOut } from "../../../src/core/compile/operands/index.js"
import { prune } from "../../../src/core/compile/prune.js"
import type { Schedule } from "../../../src/core/compile/schedule.js"
import { winograd } from "../../../src/core/compile/winograd/index.js"
import { closeBody, sizeOf } from "../../../src/core/index.js"
import { arithmetic } from "../../../src/core/targets/wasm/arithmetic.js"
import { compileProgram } from "../../../src/core/targets/wasm/program.js"
import { capabilitiesOf, type WasmSession } from "../../../src/core/targets/wasm/session.js"
import { add, conv, mul, relu, type Tensor, vjp } from "../../../src/index.js"
import { evaluateNest, evaluateSchedule, type Operand } from "../../support/nest-reference.js"
import { randomProgram } from "../../support/random-graph.js"
import { randomNest } from "../../support/random-nests.js"
import { randomSchedule } from "../../support/random-schedules.js"
import { newThreads, precisions, right, runSchedule, scheduleOf } from "../../support/wasm-run.js"

const counts = [1, 2, 3]
const special = [NaN, Infinity, -Infinity, -0]
/** Below, at and beyond vectors, rows of a tile, panels and the grains of ranges, and multiples of none. */
const sizes = [0, 1, 3, 4, 5, 31, 33, 97]

const bitsOf = (values: readonly Float64Array[]): readonly string[] =>
  values.map((x) => Buffer.from(x.buffer, x.byteOffset, x.byteLength).toString("base64"))

describe.each(precisions)("threads in %s", (p, precision) => {
  const sessions: WasmSession[] = []
  beforeAll(async () => {
    for (const threads of counts) sessions.push(await newThreads(p, threads))
    // whose kernels are called in as many slices as they can be, as long ones are in a program's first run
    for (const threads of [1, 2]) sessions.push(await newThreads(p, threads, { slice: 1 }))
  })
  afterAll(async () => {
    for (const session of sessions) {
      expect(session.bytesInUse()).toBe(0)
      await session.close()
    }
  })

  let [jobs, all] = [0, 0]
  /** What a schedule gives, the same for every number of threads. */
  const same = async (schedule: Schedule, inputs: readonly ArrayLike<number>[]): Promise<readonly Float64Array[]> => {
    all++
    if (compileProgram(schedule, arithmetic[p], { threads: 2, jobsFrom: 0 }).jobs) jobs++
    const [alone, ...together] = await Promise.all(sessions.map((session) => runSchedule(schedule, inputs, p, { session })))
    for (const values of together) expect(bitsOf(values)).toStrictEqual(bitsOf(alone as readonly Float64Array[]))
    return alone as readonly Float64Array[]
  }
  const data = (seed: number, ...shape: number[]): Operand => ({
    shape,
    data: Float64Array.from({ length: sizeOf(shape) }, (_, i) => precision.round(Math.sin(i * 1.7 + seed * (i % 7)))),
  })
  /** One element of every 29 is no ordinary number. */
  const odd = ({ shape, data: numbers }: Operand): Operand => ({
    shape,
    data: numbers.map((x, i) => (i % 29 === 7 ? (special[Math.floor(i / 29) % 4] as number) : x)),
  })
  const sameNest = async (nest: Nest, inputs: readonly Operand[], change: (s: Schedule) => Schedule = (s) => s): Promise<void> => {
    const schedule = scheduleOf(
      nest,
      inputs.map((x) => x.shape),
    )
    const found = await same(
      change(schedule),
      inputs.map((x) => x.data),
    )
    expect(found[0]).toStrictEqual(evaluateNest(nest, inputs, precision))
  }

  test("random nests", async () => {
    await fc.assert(
      fc.asyncProperty(randomNest, async ({ nest, inputs }) => {
        const rounded = inputs.map(({ data, shape }) => ({ data: data.map(precision.round), shape }))
        await sameNest(nest, rounded)
      }),
      { numRuns: 20 },
    )
  })

  test("random schedules", async () => {
    await fc.assert(
      fc.asyncProperty(randomSchedule, async ({ schedule, inputs }) => {
        expect(await same(schedule, inputs)).toStrictEqual(evaluateSchedule(schedule, inputs, precision))
      }),
      { numRuns: 8 },
    )
  })

  test("random graphs", async () => {
    await fc.assert(
      fc.asyncProperty(randomProgram, async ({ graph, inputs }) => {
        const [alone, ...together] = await Promise.all(
          sessions.map(async (session) => {
            const program = right(session.load(graph))
            const buffers = inputs.map((x, i) => right(session.upload(x, graph.types[i] as (typeof graph.types)[number])))
            const outputs = right(await program.run(buffers, { cancelled: false })())
            const values = await Promise.all(outputs.map(async (y) => right(await session.read(y)())))
            for (const buffer of [...buffers, ...outputs]) session.free(buffer)
            program.dispose()
            return bitsOf(values)
          }),
        )
        for (const bits of together) expect(bits).toStrictEqual(alone)
      }),
      { numRuns: 8 },
    )
  })

  const lanes = arithmetic[p].width
  const laidOut = (schedule: Schedule): Schedule => layOut(schedule, lanes)
  const acc = { t: "acc" } as const

  test.each(sizes)("points, rows and columns: %i of them", async (n) => {
    const scaled = binary("mul", load(0, [axis(0)]), load(1, [axis(0)]))
    await sameNest(pointwise([n], scaled), [odd(data(1, n)), odd(data(2, n))])
    for (const shape of [
      [n, 3],
      [3, n],
      [n, n],
    ]) {
      const added = binary("add", load(0, [axis(0), axis(1)]), load(1, [axis(1), axis(0)]))
      await sameNest(pointwise(shape, added), [odd(data(3, ...shape)), odd(data(4, ...shape.toReversed()))])
      // the order of long sums is another one than the definition's (wasm-tiles.test.ts)
      const combine = n % 2 === 0 && (shape[1] as number) < 32 ? "sum" : "max"
      const rows = reduced([shape[0] as number], combine, [shape[1] as number], load(0, [axis(0), axis(1)]))
      await sameNest(rows, [odd(data(5, ...shape))])
    }
  })

  test.each(sizes)("products of %i rows and of as many columns, plain and with operands in panels, with an epilogue", async (n) => {
    for (const [rows, columns] of [
      [n, 33],
      [70, n],
    ] as const) {
      const product = binary("mul", load(0, [axis(0), axis(2)]), load(1, [axis(1), axis(2)]))
      const nest = { ...reduced([rows, columns], "sum", [19], product), epilogue: binary("max", acc, load(2, [axis(1)])) }
      const inputs = [odd(data(1, rows, 19)), data(2, columns, 19), odd(data(3, columns))]
      await sameNest(nest, inputs)
      await sameNest(nest, inputs, laidOut)
    }
  })

  test.each([
    [64, 1537, 17],
    [65, 2048, 20],
    [64, 3201, 49],
  ])("sums in blocks: a product of [%i, %i] with %i columns in panels", async (m, k, n) => {
    const product = binary("mul", load(0, [axis(0), axis(2)]), load(1, [axis(1), axis(2)]))
    const epilogue = binary("max", binary("add", acc, load(2, [axis(1)])), { t: "lit", value: 0 })
    await sameNest({ ...reduced([m, n], "sum", [k], product), epilogue }, [data(1, m, k), data(2, n, k), data(3, n)], laidOut)
  })

  test.each([
    [7, 1280, 33],
    [34, 1543, 20],
    [5, 2570, 6],
  ])("sums of one long loop in blocks: [%i] and [%i, %i] from the rows of both", async (m, k, n) => {
    const product = binary("mul", load(0, [axis(2), axis(0)]), load(1, [axis(2), axis(1)]))
    const epilogue = binary("add", acc, load(2, [axis(1)]))
    await sameNest({ ...reduced([m, n], "sum", [k], product), epilogue }, [data(1, k, m), data(2, k, n), data(3, n)])
  })

  test.each([[[3, 5, 20]], [[7, 31]], [[60]]])("long sums for the results of %j, with an epilogue", async (domain) => {
    const rank = domain.length
    const place = plus(axis(0), axis(rank))
    const first = load(0, [place, axis(rank + 1), axis(rank - 1)], [inRange(place, 2, 40)])
    const product = binary("mul", first, load(1, [axis(rank + 1), axis(rank)]))
    const nest = { ...reduced(domain, "sum", [41, 33], product), epilogue: binary("sub", acc, load(1, [at(0), at(0)])) }
    await sameNest(nest, [data(1, 41 + (domain[0] as number), 33, domain.at(-1) as number), data(2, 33, 41)])
  })

  test.each(sizes)("convolutions with images %i wide, their borders padded", async (n) => {
    const width = n === 0 ? 2 : n
    const place = (o: number, k: number) => plus(plus(axis(o), axis(k)), at(-1))
    const [i, j] = [place(1, 4), place(2, 5)]
    const product = binary(
      "mul",
      load(0, [axis(0), i, j, axis(6)], [inRange(i, 0, 9), inRange(j, 0, width)]),
      load(1, [axis(4), axis(5), axis(6), axis(3)]),
    )
    const nest = reduced([2, 9, width, n === 0 ? 0 : 17], "sum", [3, 3, 2], product)
    const inputs = [data(1, 2, 9, width, 2), data(2, 3, 3, 2, 17)]
    await sameNest(nest, inputs)
    await sameNest(nest, inputs, laidOut)
  })

  test.each(sizes)("a scatter to %i rows, with an epilogue", async (n) => {
    const value = { t: "value", of: load(0, [axis(2)]) } as const
    const summed = reduced([n, 33], "sum", [40], load(1, [axis(2), axis(1)]))
    const nest: Nest = {
      ...summed,
      reduce: { combine: "sum", extent: [40], indicator: { axis: 0, equals: value } },
      epilogue: binary("mul", acc, load(2, [axis(1)])),
    }
    const rows = { shape: [40], data: Float64Array.from({ length: 40 }, (_, i) => ((i * 7) % 50) - 1) }
    await sameNest(nest, [rows, odd(data(1, 40, 33)), odd(data(2, 33))])
  })

  const float = (...shape: number[]) => ({ elem: "float", shape }) as const
  test.each([
    [3, 13, 16],
    [4, 9, 19],
    [5, 15, 17],
  ])(
    "Winograd's filters for kernels of %i, images %i wide, %i features: forward, to the images and to the kernel",
    async (size, width, features) => {
      const [x, w, y] = [float(2, width, width, 16), float(size, size, 16, features), float(2, width, width, features)]
      const run = (a: unknown, b: unknown) => conv(a as Tensor, b as Tensor, { padding: "same" })
      const graphs = [
        closeBody("test", [x, w, float(features)], ([a, b, bias]) => [relu(add(run(a, b), bias as Tensor) as Tensor) as Tensor]).graph,
        closeBody("test", [x, w, y], ([a, b, g]) => [vjp((v: Tensor) => run(v, b), a as Tensor)[1](g as Tensor)[0] as Tensor]).graph,
        closeBody("test", [x, w, y], ([a, b, g]) => [
          mul(vjp((v: Tensor) => run(a, v), b as Tensor)[1](g as Tensor)[0] as Tensor, b as Tensor) as Tensor,
        ]).graph,
      ]
      const capabilities = capabilitiesOf(p)
      for (const graph of graphs) {
        const schedule = laidOut(winograd(prune(fuse(lowerGraph(graph, capabilities), capabilities)), 0))
        expect(JSON.stringify(schedule.steps.map((s) => s.t))).toMatch(/routine|loop/)
        await same(
          schedule,
          schedule.inputs.map((id, k) => data(k, ...(schedule.buffers[id]?.shape ?? [])).data),
        )
      }
    },
  )

  test("most of these were given out as jobs", () => {
    expect(jobs).toBeGreaterThan(50)
    expect(jobs / all).toBeGreaterThan(0.3)
  })
})
