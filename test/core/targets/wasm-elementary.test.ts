import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { axis, binary, load, pointwise, unary } from "../../../src/core/compile/build-nest.js"
import { exactly, formats, ulps } from "../../support/exact-elementary.js"
import { newSession, type PrecisionName, precisions, runSchedule, scheduleOf } from "../../support/wasm-run.js"

type Fn = keyof typeof exactly

/** Where each function is measured, and what its error stays below in either precision, in ulp. */
const table: readonly (readonly [fn: Fn, from: number, to: number, float32: number, float64: number])[] = [
  ["exp", -1, 1, 0.9, 0.8],
  ["exp", -20, 20, 1, 0.8],
  ["exp", -104, 89, 1, 0.8],
  ["exp", -750, 711, 1, 1],
  ["log", 0.5, 2, 0.9, 0.9],
  ["log", 0.9, 1.1, 0.7, 0.7],
  ["log", 0, 1e6, 0.9, 0.9],
  ["tanh", -0.1, 0.1, 2.7, 1.2],
  ["tanh", -0.7, 0.7, 2.7, 1.2],
  ["tanh", 0.5, 1.2, 2, 1.2],
  ["tanh", -20, 20, 2.7, 1.2],
  ["sin", -1, 1, 0.51, 0.8],
  ["sin", -100, 100, 0.51, 0.8],
  ["sin", -1e6, 1e6, 0.51, 0.8],
  ["sin", -1e30, 1e30, 0.51, 0.8],
  ["cos", -1, 1, 0.51, 0.8],
  ["cos", -100, 100, 0.51, 0.8],
  ["cos", -1e6, 1e6, 0.51, 0.8],
  ["cos", -1e30, 1e30, 0.51, 0.8],
]

/** What no function may exceed anywhere. */
const bound = { float32: 4, float64: 2 } as const

const session = { float32: newSession("float32"), float64: newSession("float64") }

const compute = async (fn: Fn | "sqrt", xs: readonly number[], p: PrecisionName): Promise<Float64Array> => {
  const schedule = scheduleOf(pointwise([xs.length], unary(fn, load(0, [axis(0)]))), [[xs.length]])
  return (await runSchedule(schedule, [xs], p, { session: session[p] }))[0] as Float64Array
}

const worst = async (fn: Fn, xs: readonly number[], p: PrecisionName): Promise<number> => {
  const found = await compute(fn, xs, p)
  return xs.reduce((most, x, i) => Math.max(most, ulps(found[i] as number, exactly[fn](x), formats[p])), 0)
}

const fns: readonly Fn[] = ["exp", "log", "tanh", "sin", "cos"]

describe.each(precisions)("elementary functions in %s", (p, { round }) => {
  /** Every finite number of the format, all magnitudes alike. */
  const anyNumber =
    p === "float32" ? fc.float({ noDefaultInfinity: true, noNaN: true }) : fc.double({ noDefaultInfinity: true, noNaN: true })
  const domain = (fn: Fn, x: number): boolean => fn !== "log" || x > 0
  const sample = (count: number, from: number, to: number): number[] =>
    fc.sample(fc.double({ min: from, max: to, noNaN: true }).map(round), { numRuns: count, seed: 1 })

  test.each(table)("%s from %f to %f is within its bound", async (fn, from, to, float32, float64) => {
    const step = (to - from) / 1500
    const even = Array.from({ length: 1500 }, (_, i) => round(from + (i + 0.37) * step))
    const xs = [...even, ...sample(500, from, to)].filter((x) => domain(fn, x))
    expect(await worst(fn, xs, p)).toBeLessThan(p === "float32" ? float32 : float64)
  })

  test.each(fns)("%s of any number is within the bound of all", async (fn) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          anyNumber.filter((x) => domain(fn, x)),
          { minLength: 4, maxLength: 40 },
        ),
        async (xs) => {
          expect(await worst(fn, xs, p)).toBeLessThanOrEqual(bound[p])
        },
      ),
    )
  })

  test("sin and cos next to multiples of pi/2, where all but the last bits cancel", async () => {
    const multiples = Array.from({ length: 60 }, (_, k) => round(Math.floor(1.5 ** k) * (Math.PI / 2)))
    // the float64 number that is nearest to a multiple of pi/2, and large ones
    const xs = [...multiples, round(6381956970095103 * 2 ** 797), round(1e22), round(3e38)].filter(Number.isFinite)
    expect(await worst("sin", xs, p)).toBeLessThan(0.8)
    expect(await worst("cos", xs, p)).toBeLessThan(0.8)
  })

  test("log next to 1, where all but the last bits cancel", async () => {
    const eps = p === "float32" ? 2 ** -23 : 2 ** -52
    const xs = Array.from({ length: 40 }, (_, k) => 1 + (k - 20) * eps).filter((x) => x !== 1)
    expect(await worst("log", xs.map(round), p)).toBeLessThan(0.7)
  })

  test("subnormal numbers and results", async () => {
    const { digits, smallest } = formats[p]
    const tiny = Array.from({ length: digits }, (_, k) => 2 ** (smallest + k) * (k % 3 === 0 ? 1 : -1))
    for (const fn of ["tanh", "sin"] as const) expect(await compute(fn, tiny, p)).toStrictEqual(Float64Array.from(tiny))
    for (const fn of ["exp", "cos"] as const) expect(new Set(await compute(fn, tiny, p))).toStrictEqual(new Set([1]))
    expect(await worst("log", tiny.map(Math.abs), p)).toBeLessThan(0.9)
    const lowest = smallest * Math.LN2
    const xs = Array.from({ length: 200 }, (_, k) => round(lowest - 2 + (k / 200) * (digits + 2) * Math.LN2))
    expect(await worst("exp", xs, p)).toBeLessThan(1)
  })

  test("e^-|x| has the bits of e^x below 0, NaN stays, and nothing is above 1", async () => {
    const limits = [0, -0, 88.3, 87.4, 103.97, 104, 708.4, 745.1, 746, 1e30, Infinity, NaN, 2 ** formats[p].smallest]
    const xs = [...limits, ...limits.map((x) => -x), ...sample(2000, -106, 106), ...fc.sample(anyNumber, { numRuns: 2000, seed: 1 })].map(
      round,
    )
    const x = load(0, [axis(0)])
    const decay = unary("exp", unary("neg", binary("max", x, unary("neg", x))))
    const schedule = scheduleOf(pointwise([xs.length], decay), [[xs.length]])
    const [found] = await runSchedule(schedule, [xs], p, { session: session[p] })
    expect(found).toStrictEqual(
      await compute(
        "exp",
        xs.map((y) => -Math.abs(y)),
        p,
      ),
    )
    expect(Math.max(...(found as Float64Array).filter((y) => !Number.isNaN(y)))).toBe(1)
  })

  const special: readonly (readonly [Fn | "sqrt", number, number])[] = [
    ["exp", 0, 1],
    ["exp", -0, 1],
    ["exp", Infinity, Infinity],
    ["exp", -Infinity, 0],
    ["exp", 1e30, Infinity],
    ["exp", -1e30, 0],
    ["log", 0, -Infinity],
    ["log", -0, -Infinity],
    ["log", 1, 0],
    ["log", Infinity, Infinity],
    ["log", -1, NaN],
    ["log", -Infinity, NaN],
    ["tanh", 0, 0],
    ["tanh", -0, -0],
    ["tanh", Infinity, 1],
    ["tanh", -Infinity, -1],
    ["tanh", 1e30, 1],
    ["sin", 0, 0],
    ["sin", -0, -0],
    ["sin", Infinity, NaN],
    ["sin", -Infinity, NaN],
    ["cos", -0, 1],
    ["cos", Infinity, NaN],
    ["cos", -Infinity, NaN],
    ["sqrt", 0, 0],
    ["sqrt", -0, -0],
    ["sqrt", Infinity, Infinity],
    ["sqrt", -1, NaN],
    ...([...fns, "sqrt"] as const).map((fn): [Fn | "sqrt", number, number] => [fn, NaN, NaN]),
  ]

  test.each(special)("%s(%d) is %d, alone and in a vector", async (fn, x, y) => {
    expect(await compute(fn, [x], p)).toStrictEqual(Float64Array.of(y))
    expect(await compute(fn, [x, x, x, x], p)).toStrictEqual(Float64Array.of(y, y, y, y))
  })

  test("sqrt is rounded correctly", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyNumber, { minLength: 1, maxLength: 40 }), async (xs) => {
        expect(await compute("sqrt", xs, p)).toStrictEqual(Float64Array.from(xs, (x) => round(Math.sqrt(x))))
      }),
    )
  })
})
