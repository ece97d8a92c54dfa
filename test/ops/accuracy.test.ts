/** The errors that the documentation states, in ulp: float64 (interpreter and wasm), float32 (wasm, and gpu.js on the host). */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { compile, type TargetName, type Tensor, tensor } from "../../src/core/index.js"
import * as ops from "../../src/ops/index.js"
import { right } from "../support/either.js"
import { type Exact, exact, formats, ulps } from "../support/exact-elementary.js"
import { exactErf, exactErfc } from "../support/exact-erf.js"
import { dataOf } from "./support.js"

type Fn = (x: Tensor) => Tensor

/** Function, where it is measured, the bound in ulp, and a reference: exact, or JavaScript's, which is within an ulp itself. */
const table: readonly (readonly [name: string, from: number, to: number, bound: number, reference: (x: number) => Exact])[] = [
  ["expm1", -40, 80, 3, (x) => exact(Math.expm1(x))],
  ["expm1", -1, 1, 3, (x) => exact(Math.expm1(x))],
  ["log1p", -0.99, 2, 3, (x) => exact(Math.log1p(x))],
  ["log1p", 0, 1e6, 3, (x) => exact(Math.log1p(x))],
  ["exp2", -120, 120, 3, (x) => exact(2 ** x)],
  ["log2", 0.01, 100, 3, (x) => exact(Math.log2(x))],
  ["log10", 0.01, 100, 3, (x) => exact(Math.log10(x))],
  ["sinh", -30, 30, 3, (x) => exact(Math.sinh(x))],
  ["sinh", -1, 1, 3, (x) => exact(Math.sinh(x))],
  ["cosh", -30, 30, 3, (x) => exact(Math.cosh(x))],
  ["asinh", -3, 3, 3, (x) => exact(Math.asinh(x))],
  ["asinh", -1e6, 1e6, 3, (x) => exact(Math.asinh(x))],
  ["acosh", 1.001, 10, 3, (x) => exact(Math.acosh(x))],
  ["atanh", -0.999, 0.999, 3, (x) => exact(Math.atanh(x))],
  ["tan", -1.5, 1.5, 3, (x) => exact(Math.tan(x))],
  ["asin", -1, 1, 3, (x) => exact(Math.asin(x))],
  ["acos", -1, 0.999, 3, (x) => exact(Math.acos(x))],
  ["atan", -3, 3, 3, (x) => exact(Math.atan(x))],
  ["atan", -1e6, 1e6, 3, (x) => exact(Math.atan(x))],
  ["erf", -1, 1, 2, exactErf],
  ["erf", -6, 6, 2, exactErf],
  ["erfc", -3, 3, 3, exactErfc],
  ["erfc", 0, 9, 3, exactErfc],
  ["sigmoid", -80, 80, 3, (x) => exact(x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)))],
]

const points = (from: number, to: number): number[] => {
  const even = Array.from({ length: 300 }, (_, i) => from + ((to - from) * (i + 0.37)) / 300)
  const random = fc.sample(fc.double({ min: from, max: to, noNaN: true }), { numRuns: 100, seed: 1 })
  return [...even, ...random.filter((x) => Math.abs(x) > 1e-30)].map(Math.fround)
}

const run = async (name: string, xs: readonly number[], target: TargetName): Promise<readonly number[]> => {
  const f = (ops as unknown as Readonly<Record<string, Fn>>)[name] as Fn
  const program = compile((x: Tensor) => f(x), { target })
  return dataOf(right(await program(tensor(xs as never) as Tensor)()) as Tensor)
}

const targets = [
  ["interpreter", "float64"],
  ["wasm:f64", "float64"],
  ["wasm", "float32"],
  ["gpu:webasm", "float32"],
] as const

describe.each(targets)("in %s", (target, precision) => {
  test.each(table)("%s from %f to %f stays below %f ulp", async (name, from, to, bound, reference) => {
    const xs = points(from, to)
    const found = await run(name, xs, target)
    let worst = 0
    let at = 0
    xs.forEach((x, i) => {
      const error = ulps(found[i] as number, reference(x), formats[precision])
      if (error > worst) [worst, at] = [error, x]
    })
    expect(worst, `at ${at}`).toBeLessThan(bound)
  })

  test("erfInv is the inverse of erf to 4 ulp of its own", async () => {
    const xs = points(-0.999, 0.999)
    const found = await run("erfInv", xs, target)
    found.forEach((y, i) => {
      // an error of y shows in erf(y) by the slope there
      const residual = Number(exactErf(y).m - (exact(xs[i] as number).m << BigInt(exact(xs[i] as number).e + 900))) / 2 ** 900
      const slope = (2 / Math.sqrt(Math.PI)) * Math.exp(-y * y)
      const ulp = 2 ** (Math.floor(Math.log2(Math.abs(y))) - (precision === "float64" ? 52 : 23))
      expect(Math.abs(residual / slope / ulp), `at ${xs[i]}`).toBeLessThan(4)
    })
  })
})

/** Both signs of every binade of float32, subnormal numbers too, and more where a result is neither its limit nor linear in x. */
const everySize = (): number[] =>
  Array.from({ length: 277 }, (_, i) => i - 149).flatMap((e) => {
    const count = e >= -10 && e < 7 ? 400 : 12
    const sizes = Array.from({ length: count }, (_, i) => Math.fround(2 ** e * (1 + (((i * (Math.sqrt(5) - 1)) / 2) % 1))))
    return sizes.flatMap((x) => [x, -x])
  })

const erfOf = (x: number): Exact => {
  if (Math.abs(x) > 9) return exact(Math.sign(x))
  return Math.abs(x) < 2 ** -40 ? exact(x * (2 / Math.sqrt(Math.PI))) : exactErf(x)
}

/** The documented bound, and JavaScript's functions at hand for float32. */
const everywhere: readonly (readonly [name: string, bound: number, reference: (x: number) => Exact])[] = [
  ["sigmoid", 3, (x) => exact(x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)))],
  ["softplus", 3, (x) => exact(Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))))],
  ["erf", 2, erfOf],
]

test.each(everywhere)("%s of any float32 in wasm stays below %f ulp", { timeout: 60_000 }, async (name, bound, reference) => {
  const xs = everySize()
  const found = await run(name, xs, "wasm")
  let [worst, at] = [0, 0]
  xs.forEach((x, i) => {
    const error = ulps(found[i] as number, reference(x), formats.float32)
    if (!(error <= worst)) [worst, at] = [error, x]
  })
  expect(worst, `at ${at}`).toBeLessThan(bound)
})
