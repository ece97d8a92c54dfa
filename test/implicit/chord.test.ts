/** The chord method: when it makes the Jacobian anew, and that it does so nowhere else. */
import { afterEach, describe, expect, it, vi } from "vitest"
import { type Tensor, tensor } from "../../src/core/index.js"
import { chord, fixedPoint, newton, perRow, type Solver, solveFixedPoint } from "../../src/implicit/index.js"
import { algorithmOf } from "../../src/implicit/solvers/index.js"
import { add, mul, sin, sqrt, square, sub, tanh, vmap } from "../../src/ops/index.js"
import { times } from "../support/contraction.js"
import { drive } from "../support/drive.js"
import { outcome } from "../support/outcome.js"

const run = (g: (z: Tensor) => Tensor, start: readonly number[], count: number, solver = chord()) =>
  drive(algorithmOf(solver.method), (z) => add(z, g(z)) as Tensor, start, count)

/** g(x) and g'(x) of tanh(10 x) / 10 + x: steep next to its root at 0. */
const g = (x: number) => 0.1 * Math.tanh(10 * x) + x
const slope = (x: number) => 2 - Math.tanh(10 * x) ** 2
const steep = (z: Tensor) => add(mul(tanh(mul(z, 10)), 0.1), z) as Tensor
const near = (expected: readonly number[], found: readonly number[]) =>
  expected.forEach((x, i) => void expect(Math.abs(x - (found[i] ?? Number.NaN)), `turn ${i}`).toBeLessThan(1e-14))

describe("chord", () => {
  const z0 = 0.5
  const z1 = z0 - g(z0) / slope(z0)
  const z2 = z1 - g(z1) / slope(z0)

  it("keeps the slope of the start, and makes it anew where a step multiplied the residual by more than a half", () => {
    expect(Math.abs(g(z1) / g(z0))).toBeLessThan(0.5)
    expect(Math.abs(g(z2) / g(z1))).toBeGreaterThan(0.5)
    const seen = run(steep, [z0], 5)
    near(
      [z0, z1, z2, z2, z2 - g(z2) / slope(z2)],
      seen.map((t) => t.at[0] as number),
    )
    expect(seen.map((t) => t.linearised)).toEqual([true, false, false, true, false])
    expect(seen.map((t) => t.probe)).toEqual([false, false, false, true, false])
  })

  it("goes on with it where the rate allows", () => {
    const seen = run(steep, [z0], 4, chord({ rate: 0.9 }))
    near(
      [z0, z1, z2, z2 - g(z2) / slope(z0)],
      seen.map((t) => t.at[0] as number),
    )
    expect(seen.map((t) => t.linearised)).toEqual([true, false, false, false])
  })

  it("goes back for it where a kept slope led to where f is not finite", () => {
    // not a number between 0.05 and 0.2, where z2 lies
    const walled = (z: Tensor) => add(steep(z), mul(sqrt(mul(sub(z, 0.05), sub(z, 0.2)) as Tensor), 0)) as Tensor
    expect(z2).toBeGreaterThan(0.05)
    expect(z2).toBeLessThan(0.2)
    const seen = run(walled, [z0], 5)
    near(
      [z0, z1, z2, z1, z1 - g(z1) / slope(z1)],
      seen.map((t) => t.at[0] as number),
    )
    expect(seen.map((t) => t.linearised)).toEqual([true, false, false, true, false])
  })

  it("is NonFinite where Newton's own step leads there", () => {
    // Newton's step is 2, and f is not finite beyond 0.6
    const f = (z: Tensor) => add(sub(mul(z, 2), 2), mul(sqrt(sub(0.6, z) as Tensor), 0)) as Tensor
    const { status, z } = solveFixedPoint(f, tensor([0]) as Tensor, chord({ onFailure: "useBest" }))
    const { values, solves } = outcome([z, status])
    expect(solves).toMatchObject([{ status: "NonFinite", evaluations: 2 }])
    expect(values[0]).toEqual([0])
  })

  it("goes on as Newton does from a step of Newton's that did worse", () => {
    // Newton's step from 0 is 10, where the residual is ten times as large
    const flat = (z: Tensor) => mul(z, add(mul(square(z), 0.01), 0.1)) as Tensor
    const h = (x: number) => x * (0.01 * x * x + 0.1) - 1
    const dh = (x: number) => 0.03 * x * x + 0.1
    const start = 0
    const first = start - h(start) / dh(start)
    expect(Math.abs(h(first))).toBeGreaterThan(Math.abs(h(start)))
    const seen = run((z) => sub(flat(z), 1) as Tensor, [start], 4)
    near(
      [start, first, first, first - h(first) / dh(first)],
      seen.map((t) => t.at[0] as number),
    )
  })
})

describe("what a turn of chord costs", () => {
  afterEach(() => void vi.restoreAllMocks())
  const n = 6
  const w = tensor(Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => Math.sin(1 + 3 * i + j) / n))) as Tensor
  const c = tensor(Array.from({ length: n }, (_, i) => i / n)) as Tensor

  /** Cosines that a solve computes: those of the derivative of the sine in f, so some for each Jacobian and none else. */
  const cosines = (solver: Solver, start: Tensor, f: (z: Tensor) => Tensor) => {
    const spy = vi.spyOn(Math, "cos")
    const { solves } = outcome(fixedPoint(f, start, solver))
    const count = spy.mock.calls.length
    spy.mockRestore()
    return { count, solve: solves[0] }
  }
  const wave = (z: Tensor) => sin(add(times(z, w), c)) as Tensor

  it("one Jacobian for the whole solve, where Newton makes one a turn", () => {
    const byNewton = cosines(newton(), mul(c, 0), wave)
    const each = byNewton.count / (byNewton.solve?.evaluations as number)
    expect(each).toBeGreaterThan(0)
    expect(Number.isInteger(each)).toBe(true)
    const byChord = cosines(chord(), mul(c, 0), wave)
    expect(byChord.solve).toMatchObject({ status: "Converged" })
    expect(byChord.solve?.evaluations).toBe(5)
    expect(byChord.count).toBe(each)
  })

  it("rows that are decided cause none, however they ended", () => {
    // with k = 0 a row is z + 1, which is singular at once; with k = 1 it is solved in five turns
    const rows = tensor([0, 1]) as Tensor
    const f = (k: Tensor) => (z: Tensor) => add(mul(wave(z), k), mul(add(z, 1), sub(1, k))) as Tensor
    const start = vmap((k: Tensor) => mul(mul(c, k), 0))(rows as never) as Tensor
    const both = (z: Tensor) => vmap(((k: Tensor, z: Tensor) => f(k)(z)) as never)(rows as never, z as never) as Tensor
    const solver = perRow(chord({ onFailure: "useBest" }))
    const { count, solve } = cosines(solver, start, both)
    expect(solve).toMatchObject({ status: "Singular" })
    expect(solve?.evaluations).toBe(5)
    const once = cosines(perRow(chord({ onFailure: "useBest", maxEvaluations: 1 })), start, both)
    expect(once.count).toBeGreaterThan(0)
    expect(count).toBe(once.count)
  })
})
