/** The trace of a solve: the residual of every evaluation, and nothing else. */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { compile, grad, type Tensor, TraceError, tensor } from "../../src/core/index.js"
import {
  anderson,
  broyden,
  iterate,
  newtonKrylov,
  orElse,
  perRow,
  picard,
  type Solver,
  solveFixedPoint,
  truncated,
  unrolled,
} from "../../src/implicit/index.js"
import { add, mul, sqrt, sub, sum, tanh, vmap } from "../../src/ops/index.js"
import { affine, c13, times, zero2 } from "../support/contraction.js"
import { right } from "../support/either.js"
import { numbers, outcome } from "../support/outcome.js"

type Map1 = (z: Tensor) => Tensor
const traced = (f: Map1, init: Tensor, solver: Solver) => {
  const s = solveFixedPoint(f, init, { ...solver, onFailure: "useBest" }, { trace: true })
  const [trace, [evaluations], [residual]] = outcome([s.trace, s.evaluations, s.residual]).values as [
    readonly number[],
    readonly [number],
    readonly [number],
  ]
  return { trace, evaluations, residual }
}
const entry = fc.integer({ min: -16, max: 16 }).map((n) => n / 16)
const vector = fc.array(entry, { minLength: 2, maxLength: 2 })

describe("the trace", () => {
  it.each([
    ["picard", picard({ maxEvaluations: 40 })],
    ["anderson", anderson({ maxEvaluations: 40 })],
    ["broyden", broyden({ maxEvaluations: 40 })],
    ["newtonKrylov", newtonKrylov({ maxEvaluations: 40 })],
    ["orElse", orElse(picard({ maxEvaluations: 9 }), anderson({ maxEvaluations: 31 }))],
    ["iterate", iterate(39)],
  ] as const)("of %s has one residual an evaluation, none below the best, and -1 behind them", (name, solver) =>
    fc.assert(
      fc.property(fc.array(vector, { minLength: 2, maxLength: 2 }), vector, fc.integer({ min: 1, max: 5 }), (m, c, slope) => {
        const inside = affine(tensor(m) as Tensor, tensor(c) as Tensor)
        const { trace, evaluations, residual } = traced((z) => mul(tanh(inside(z)), slope / 2) as Tensor, zero2, solver)
        expect(trace).toHaveLength(40)
        const visited = trace.slice(0, evaluations)
        expect(visited.every((r) => r >= 0)).toBe(true)
        expect(trace.slice(evaluations).every((r) => r === -1)).toBe(true)
        expect(residual).toBe(name === "iterate" ? visited[39] : Math.min(...visited))
      }),
      { numRuns: 6 },
    ),
  )

  it("holds |f(z) - z| of the iterates", () => {
    let z = zero2
    const { trace } = traced(c13, zero2, picard({ maxEvaluations: 4 }))
    for (const r of trace) {
      const [next, at] = [numbers(c13(z)), numbers(z)]
      expect(r).toBeCloseTo(Math.hypot(...next.map((y, i) => y - (at[i] as number))), 14)
      z = c13(z)
    }
  })

  it("is infinite where f was not finite", () =>
    expect(traced((z) => sqrt(sub(z, 1)), tensor([1.5]) as Tensor, picard({ maxEvaluations: 4 })).trace).toEqual([
      1.5 - Math.SQRT1_2,
      Number.POSITIVE_INFINITY,
      -1,
      -1,
    ]))

  const xs = tensor([
    [0, 0],
    [3, -2],
  ]) as Tensor
  const W = tensor([
    [0.4, -0.6],
    [0.5, 0.3],
  ]) as Tensor
  const layer = (x: Tensor) => (z: Tensor) => tanh(add(times(z, W), x)) as Tensor
  const by = anderson({ maxEvaluations: 30 })

  it("is one of each row, by perRow, by vmap, and on wasm", async () => {
    const rows = (x: Tensor) => solveFixedPoint(layer(x), mul(x, 0), perRow(by), { trace: true })
    const together = rows(xs)
    expect(together.trace.shape).toEqual([2, 30])
    const found = numbers(together.trace)
    expect(numbers(vmap((x: Tensor) => solveFixedPoint(layer(x), mul(x, 0), by, { trace: true }).trace)(xs))).toEqual(found)
    const onWasm = numbers(right(await compile((x: Tensor) => rows(x).trace, { target: "wasm:f64" })(xs)()))
    onWasm.forEach((r, i) => void expect(Math.abs(r - (found[i] as number))).toBeLessThan(1e-12))
  })

  it("is a constant to derivatives, and changes nothing of the solve", () => {
    const plain = solveFixedPoint(layer(xs), mul(xs, 0), by)
    const asked = solveFixedPoint(layer(xs), mul(xs, 0), by, { trace: true })
    expect(numbers([asked.z, asked.evaluations])).toEqual(numbers([plain.z, plain.evaluations]))
    expect("trace" in plain).toBe(false)
    expect(numbers(grad((x: Tensor) => sum(solveFixedPoint(layer(x), mul(x, 0), by, { trace: true }).trace))(xs))).toEqual([0, 0, 0, 0])
  })

  it("is of the steps that are not differentiated with truncated, and refused with unrolled", () => {
    const { trace } = solveFixedPoint(c13, zero2, picard({ adjoint: truncated(5, 2) }), { trace: true })
    expect(trace.shape).toEqual([4])
    expect(() => solveFixedPoint(c13, zero2, picard({ adjoint: unrolled(5) }), { trace: true })).toThrow(TraceError)
  })
})
