/** Elementary functions of a mode against JavaScript's: the largest error over a range, in units of the last place of float32. */
import { axes, load, pointwise, unary } from "../../src/core/compile/build-nest.js"
import type { UnaryFn } from "../../src/core/compile/nest.js"
import type { Driver, Job } from "./gpu-driver.js"

export interface Range {
  readonly fn: UnaryFn
  readonly from: number
  readonly to: number
  /** Points evenly spaced in the exponent, on both sides of 0 where `from` is negative. */
  readonly spacing: "even" | "exponent"
}

export const ranges: readonly Range[] = [
  { fn: "exp", from: -86, to: 88, spacing: "even" },
  { fn: "exp", from: -1, to: 1, spacing: "exponent" },
  { fn: "log", from: 1e-37, to: 1e38, spacing: "exponent" },
  { fn: "log", from: 0.5, to: 2, spacing: "even" },
  { fn: "tanh", from: -3, to: 3, spacing: "even" },
  { fn: "tanh", from: -1e30, to: 1e30, spacing: "exponent" },
  { fn: "sqrt", from: 1e-37, to: 1e38, spacing: "exponent" },
  { fn: "sin", from: -100, to: 100, spacing: "even" },
  { fn: "cos", from: -100, to: 100, spacing: "even" },
  { fn: "sin", from: -1e4, to: 1e4, spacing: "even" },
  { fn: "cos", from: -1e4, to: 1e4, spacing: "even" },
  { fn: "floor", from: -1000, to: 1000, spacing: "even" },
]

const points = 8192

const grid = ({ from, to, spacing }: Range): readonly number[] =>
  Array.from({ length: points }, (_, i) => {
    const t = i / (points - 1)
    if (spacing === "even") return Math.fround(from + (to - from) * t)
    const smallest = from > 0 ? from : 1e-30
    const size = (s: number) => smallest * (to / smallest) ** s
    return Math.fround(from > 0 ? size(t) : t < 0.5 ? -size(1 - 2 * t) : size(2 * t - 1))
  })

const job = (range: Range): Job => ({
  schedule: {
    buffers: [
      { elem: "float", shape: [points] },
      { elem: "float", shape: [points] },
    ],
    inputs: [0],
    outputs: [1],
    steps: [{ t: "kernel", name: range.fn, nest: pointwise([points], unary(range.fn, load(0, axes(1)))), inputs: [0], output: 1 }],
  },
  inputs: [grid(range)],
})

/** Distance of neighbouring float32 numbers around `x`, that of the smallest normal one at least. */
const ulp = (x: number): number => 2 ** (Math.max(-126, Math.floor(Math.log2(Math.abs(x) || 1e-300))) - 23)

const exact = (fn: UnaryFn, x: number): number => {
  switch (fn) {
    case "exp":
    case "log":
    case "tanh":
    case "sqrt":
    case "sin":
    case "cos":
    case "floor":
      return Math[fn](x)
    default:
      throw new Error(`${fn} has no table`)
  }
}

export interface Measured {
  readonly range: Range
  /** The largest error, in units of the last place of the exact result. */
  readonly ulps: number
  /** The largest absolute error. */
  readonly absolute: number
}

export const measureElementary = async (run: Driver): Promise<readonly Measured[]> => {
  const outcomes = await run(ranges.map(job))
  return ranges.map((range, k) => {
    const results = outcomes[k]?.outputs[0] ?? []
    let ulps = 0
    let absolute = 0
    grid(range).forEach((x, i) => {
      const wanted = exact(range.fn, x)
      const error = Math.abs((results[i] ?? Number.NaN) - wanted)
      ulps = Math.max(ulps, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error / ulp(wanted))
      absolute = Math.max(absolute, error)
    })
    return { range, ulps, absolute }
  })
}
