/** What holds in every mode, wherever it runs: programs with control flow, NaN and infinities, elementary functions, no leaks. */
import { expect, it } from "vitest"
import { axes, binary, lit, load, pointwise, reduced, select, unary } from "../../src/core/compile/build-nest.js"
import type { BinaryFn, Nest, Scalar, UnaryFn } from "../../src/core/compile/nest.js"
import { type GpuMode, type Mode, modes, type Quirk } from "../../src/core/targets/gpu/index.js"
import { byDefinition, type Driver, type Job } from "./gpu-driver.js"
import { measureElementary } from "./gpu-elementary.js"
import { difference } from "./gpu-nests.js"
import { programs } from "./gpu-programs.js"

const special = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 1, -1, 2.5, 1e38, -1e38]
const pairs = special.flatMap((a) => special.map((b) => [a, b] as const))

/** One kernel over all pairs of special numbers. */
const onPairs = (body: (a: Scalar, b: Scalar) => Scalar): Job =>
  pairJob(pointwise([pairs.length], body(load(0, axes(1)), load(1, axes(1)))))

const pairJob = (nest: Nest): Job => ({
  schedule: {
    buffers: [pairs.length, pairs.length, nest.domain[0] ?? 1].map((n) => ({
      elem: "float" as const,
      shape: nest.domain.length === 0 && n === 1 ? [] : [n],
    })),
    inputs: [0, 1],
    outputs: [2],
    steps: [{ t: "kernel", name: "special", nest, inputs: [0, 1], output: 2 }],
  },
  inputs: [pairs.map(([a]) => a), pairs.map(([, b]) => b)],
})

const binaries: readonly BinaryFn[] = ["add", "sub", "mul", "max", "min", "less", "lessEqual", "equal", "and", "or"]
const unaries: readonly UnaryFn[] = ["neg", "floor", "not", "isFinite", "sqrt", "exp", "log", "tanh"]

const specialJobs = (): readonly { readonly name: string; readonly job: Job }[] => [
  ...binaries.map((fn) => ({ name: fn, job: onPairs((a, b) => binary(fn, a, b)) })),
  ...unaries.map((fn) => ({ name: fn, job: onPairs((a) => unary(fn, a)) })),
  { name: "select", job: onPairs((a, b) => select(a, b, lit(7))) },
  { name: "select on a comparison", job: onPairs((a, b) => select(binary("less", a, b), a, lit(7))) },
  { name: "times a literal zero", job: onPairs((a, b) => binary("mul", binary("add", a, b), lit(0))) },
  { name: "times a zero that folds", job: onPairs((a) => binary("mul", a, binary("sub", lit(1.5), lit(1.5)))) },
  { name: "over itself", job: onPairs((a) => binary("div", a, a)) },
  { name: "less itself", job: onPairs((a) => binary("sub", a, a)) },
  { name: "a literal NaN", job: onPairs((a) => select(binary("less", a, lit(0)), lit(Number.NaN), a)) },
  {
    name: "literal infinities",
    job: onPairs((a) => select(binary("less", a, lit(0)), lit(Number.NEGATIVE_INFINITY), lit(Number.POSITIVE_INFINITY))),
  },
  { name: "a NaN wins a maximum", job: pairJob(reduced([], "max", [pairs.length], load(0, axes(1)))) },
  {
    name: "a maximum of minus infinities",
    job: pairJob(
      reduced(
        [],
        "max",
        [pairs.length],
        select(
          binary("equal", load(0, axes(1)), lit(Number.NEGATIVE_INFINITY)),
          lit(Number.NEGATIVE_INFINITY),
          lit(Number.NEGATIVE_INFINITY),
        ),
      ),
    ),
  },
  { name: "a maximum of nothing", job: pairJob(reduced([], "max", [0], load(0, axes(1)))) },
  {
    name: "zero times a NaN in a sum",
    job: pairJob(reduced([3], "sum", [2], binary("mul", { t: "ix", ix: { t: "var", axis: 1 } }, select(lit(1), lit(Number.NaN), lit(0))))),
  },
]

const one = (body: Scalar, data: readonly number[]): Job => ({
  schedule: {
    buffers: [
      { elem: "float", shape: [data.length] },
      { elem: "float", shape: [data.length] },
    ],
    inputs: [0],
    outputs: [1],
    steps: [{ t: "kernel", name: "quirk", nest: pointwise([data.length], body), inputs: [0], output: 1 }],
  },
  inputs: [data],
})

const x = load(0, axes(1))

/** What shows a quirk: its first result where the mode has it differs from the one where it has not. */
const quirkProbes: Readonly<Record<Quirk, { readonly job: Job; readonly shows: (result: number) => boolean }>> = {
  "double-in-kernel": { job: one(unary("sqrt", binary("mul", x, x)), [1e30]), shows: (r) => Number.isFinite(r) },
  "joins-constants": { job: one(binary("sub", binary("add", x, lit(1e17)), lit(1e17)), [1]), shows: (r) => r === 1 },
  "flushes-denormals": { job: one(binary("equal", x, lit(0)), [1e-40]), shows: (r) => r === 1 },
  "sine-of-large": { job: one(unary("sin", x), [16_000_000]), shows: (r) => Math.abs(r - Math.sin(16_000_000)) > 1e-3 },
  "exp-underflow": { job: one(unary("exp", x), [-87]), shows: (r) => r === 0 },
}

/** Units in the last place that elementary functions may be off, by what computes them. */
const elementaryLimit = (mode: Mode, fn: UnaryFn): number => (mode.source.native.has(fn) || fn === "sqrt" || fn === "floor" ? 0.51 : 1.5)

export const describeMode = (mode: GpuMode, run: Driver): void => {
  it.each(programs)("runs $name", async ({ job, outputs }) => {
    const [outcome] = await run([job])
    expect(outcome?.error).toBeNull()
    const wanted = outputs ?? byDefinition(job)
    wanted.forEach((data, k) => {
      expect(difference(outcome?.outputs[k] ?? [], data)).toBeNull()
    })
    expect(outcome?.bytesLeft).toBe(0)
  })

  it("treats NaN, infinities and zeros as the contract says", async () => {
    const jobs = specialJobs()
    const outcomes = await run(jobs.map(({ job }) => job))
    const faults = jobs.flatMap(({ name, job }, k) => {
      const fault =
        outcomes[k]?.error?.message ?? difference(outcomes[k]?.outputs[0] ?? [], Array.from(byDefinition(job)[0] ?? [], Math.fround))
      return fault === null ? [] : [`${name}: ${fault}`]
    })
    expect(faults).toEqual([])
  })

  it("has the quirks of its table and no others", async () => {
    const quirks = Object.entries(quirkProbes)
    const outcomes = await run(quirks.map(([, { job }]) => job))
    const shown = quirks.filter(([, { shows }], k) => shows(outcomes[k]?.outputs[0]?.[0] ?? Number.NaN)).map(([quirk]) => quirk)
    expect(shown.sort()).toEqual([...modes[mode].quirks].sort())
  })

  it("computes elementary functions to the last digits", async () => {
    const table = await measureElementary(run)
    const faults = table
      .filter(({ range, ulps }) => ulps > elementaryLimit(modes[mode], range.fn))
      .map(({ range, ulps }) => `${range.fn} on [${range.from}, ${range.to}] is ${ulps.toFixed(1)} units off`)
    expect(faults).toEqual([])
  })
}
