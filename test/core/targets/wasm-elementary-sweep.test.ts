/** The errors that the doc comments of `src/core/targets/wasm` state for exp, log, tanh, sin and cos, over the whole of either format. */
import { describe, expect, test } from "vitest"
import { axis, load, pointwise, times, unary } from "../../../src/core/compile/build-nest.js"
import { closely, ulpsFrom, type Value } from "../../support/double-double.js"
import { exactly, formats, ulps } from "../../support/exact-elementary.js"
import { newSession, type PrecisionName, precisions, runSchedule, scheduleOf } from "../../support/wasm-run.js"

type Fn = keyof typeof exactly

/** In ulp. */
const stated: Readonly<Record<Fn, Readonly<Record<PrecisionName, number>>>> = {
  exp: { float32: 1.01, float64: 1 },
  log: { float32: 0.9, float64: 0.8 },
  tanh: { float32: 2.7, float64: 1.2 },
  sin: { float32: 0.51, float64: 0.8 },
  cos: { float32: 0.51, float64: 0.8 },
}
const fns = Object.keys(stated) as readonly Fn[]

const golden = (Math.sqrt(5) - 1) / 2
/** Numbers between two, spread evenly. */
const between = (from: number, to: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => from + (to - from) * ((i * golden) % 1))

/** Every binade of the format, subnormal ones too, in both signs. */
const binades = (p: PrecisionName, perBinade: number): number[] => {
  const { smallest, beyond, digits } = formats[p]
  const exponents = Array.from({ length: beyond - smallest - digits + 1 }, (_, i) => smallest + digits - 1 + i)
  const sizes = exponents.flatMap((e) => between(1, 2, perBinade).map((m) => m * 2 ** Math.max(e, -1022) * 2 ** Math.min(0, e + 1022)))
  const subnormal = between(0, 2 ** (digits - 1), 20 * perBinade).map((m) => Math.floor(m) * 2 ** smallest)
  return [...sizes, ...subnormal].flatMap((x) => [x, -x])
}

/** The numbers of the format next to some, `count` on either side. */
const beside = (centres: readonly number[], p: PrecisionName, count: number): number[] =>
  centres.flatMap((x) => {
    const unit = Math.max(2 ** formats[p].smallest, 2 ** (Math.floor(Math.log2(Math.abs(x))) + 1 - formats[p].digits))
    return Array.from({ length: 2 * count + 1 }, (_, i) => x + (i - count) * unit)
  })

/** Where each function changes its way or its result its kind, and where digits cancel. */
const critical: Readonly<Record<Fn, (p: PrecisionName) => number[]>> = {
  exp: (p) => {
    const bounds = p === "float32" ? [-104, -103.972, -87.3365, 88.7228, 89] : [-746, -745.133, -708.396, 709.783, 710]
    const halves = Array.from({ length: 400 }, (_, i) => (i - 200 + 0.5) * Math.LN2)
    return [
      ...beside([...bounds, ...halves, 1, 70.37191], p, 40),
      ...between(-1, 1, 40_000),
      ...between(bounds[0] as number, bounds[4] as number, 60_000),
    ]
  },
  log: (p) => {
    const roots = Array.from({ length: 200 }, (_, i) => Math.SQRT2 * 2 ** (i - 100))
    const least = formats[p].smallest + formats[p].digits - 1
    return [...beside([1], p, 20_000), ...beside([...roots, 2 ** least], p, 40), ...between(0.5, 2, 100_000), ...between(0, 1e3, 40_000)]
  },
  tanh: (p) => [...beside([0.625, 1, 10, 22, 9.0109, 19.0616], p, 1000), ...between(-1.5, 1.5, 80_000), ...between(-25, 25, 60_000)],
  sin: (p) => [...multiples(p), ...between(-7, 7, 30_000), ...between(-1e5, 1e5, 30_000), ...beside([2 ** 24, 1e6], p, 500)],
  cos: (p) => [...multiples(p), ...between(-7, 7, 30_000), ...between(-1e5, 1e5, 30_000), ...beside([2 ** 24, 1e6], p, 500)],
}

/** The numbers next to every multiple of pi/2 up to 10^5, and to some of every size. */
const multiples = (p: PrecisionName): number[] => {
  const all = Array.from({ length: 63_662 }, (_, k) => (k + 1) * (Math.PI / 2))
  const large = Array.from({ length: 300 }, (_, k) => Math.floor(1.35 ** k) * (Math.PI / 2)).filter((x) => x < 3e38)
  return [...beside(all, p, 1), ...beside(large, p, 3)]
}

const pointsOf = (fn: Fn, p: PrecisionName, round: (x: number) => number): Float64Array => {
  const points = [...binades(p, p === "float32" ? 200 : 25), ...critical[fn](p)].map(round)
  const isIn = (x: number): boolean => Number.isFinite(x) && (fn !== "log" || (x > 0 && x !== 1))
  return Float64Array.from(points.filter(isIn))
}

describe.each(precisions)("in %s", (p, { round }) => {
  const session = newSession(p)

  test.each(fns)("%s keeps the error that it states, with the same bits in a vector as alone", { timeout: 120_000 }, async (fn) => {
    const xs = pointsOf(fn, p, round)
    expect(xs.length).toBeGreaterThan(200_000)
    const n = xs.length
    const together = scheduleOf(pointwise([n], unary(fn, load(0, [axis(0)]))), [[n]])
    const [found] = (await runSchedule(together, [xs], p, { session })) as [Float64Array]
    let [worst, at] = [0, 0]
    for (const [i, x] of xs.entries()) {
      // the functions of JavaScript have 29 bits more than float32
      const expected: Value = p === "float64" ? closely[fn](x) : { of: [Math[fn](x), 0], e: 0 }
      const error = ulpsFrom(found[i] as number, expected, formats[p])
      if (!(error <= worst)) [worst, at] = [error, x]
    }
    expect(worst, `at ${at}`).toBeLessThan(stated[fn][p])

    const spread = Float64Array.from({ length: 2 * n }, (_, i) => xs[i >> 1] as number)
    const apart = scheduleOf(pointwise([n], unary(fn, load(0, [times(axis(0), 2)]))), [[2 * n]])
    const [alone] = (await runSchedule(apart, [spread], p, { session })) as [Float64Array]
    expect(alone.findIndex((y, i) => !Object.is(y, found[i]))).toBe(-1)
  })
})

/** The reference itself. */
test.each(fns)("%s as a sum of two float64 is that of the series in whole numbers", (fn) => {
  const xs = pointsOf(fn, "float64", (x) => x).filter((_, i) => i % 331 === 0)
  const fine = { ...formats.float64, smallest: -1e4 }
  for (const x of xs) {
    const y = Math[fn](x)
    if (y === 0 || !Number.isFinite(y)) continue
    expect(Math.abs(ulpsFrom(y, closely[fn](x), fine) - ulps(y, exactly[fn](x), fine)), `at ${x}`).toBeLessThan(2 ** -18)
  }
})
