/** Each solver's steps against iterates computed from the mathematics with 40 digits (shared/reference/solver-iterates.txt). */
import { describe, expect, it } from "vitest"
import { type Tensor, tensor } from "../../src/core/index.js"
import { anderson, broyden, chebyshev, damped, newton, picard, type Solver } from "../../src/implicit/index.js"
import type { Cycle } from "../../src/implicit/solvers/gmres.js"
import { algorithmOf, bicgstabAlgorithm, cgAlgorithm, krylovAlgorithm } from "../../src/implicit/solvers/index.js"
import { forcing } from "../../src/implicit/solvers/newton-krylov.js"
import { add, concat, cos, einsum, indexAxis, mul, reshape, slice, square, sub } from "../../src/ops/index.js"
import { A, apply, c13 } from "../support/contraction.js"
import { drive, points } from "../support/drive.js"
import { number, numbers, relativeError } from "../support/outcome.js"

const steps = (solver: Solver, f: (z: Tensor) => Tensor, start: readonly number[], count: number) =>
  points(drive(algorithmOf(solver.method), f, start, count + 1)).slice(1)

const agrees = (found: readonly (readonly number[])[], expected: readonly (readonly number[])[], digits = 1e-11) =>
  expected.forEach((z, k) => void expect(relativeError(z, found[k] ?? []), `step ${k + 1}: ${found[k]}`).toBeLessThan(digits))

/** x^2 + y^2 = 4, xy = 1 as the fixed point of v + F(v). */
const circle = (v: Tensor): Tensor => {
  const [x, y] = [indexAxis(v, 0, 0), indexAxis(v, 0, 1)]
  const F = [sub(add(square(x), square(y)), 4), sub(mul(x, y), 1)].map((t) => reshape(t, [1]))
  return add(v, concat(F, 0))
}

const SPD = [
  [4, 1],
  [1, 3],
]

describe("solvers take the steps of the reference", () => {
  it("S01 damped Picard", () =>
    agrees(steps(damped(picard(), 0.5), c13, [0, 0], 3), [
      [0.5, 1],
      [0.95, 1.675],
      [1.32125, 2.125],
    ]))

  it("S02 Anderson with a window of two: exact after n + 1 steps", () =>
    agrees(steps(anderson({ memory: 2 }), c13, [0, 0], 3), [
      [1, 2],
      [2.29479768786, 3.13294797688],
      [2.35294117647, 2.94117647059],
    ]))

  it("S03 Anderson is f of GMRES (Walker and Ni)", () => {
    const turns = drive(krylovAlgorithm(2, true), c13, [0, 0], 3)
    const first = numbers((turns[2] as unknown as { readonly state: { readonly cycle: Cycle } }).state.cycle.x)
    expect(relativeError([1.61849710983, 3.23699421965], first)).toBeLessThan(1e-11)
    agrees([numbers(c13(tensor(first)))], [steps(anderson({ memory: 2 }), c13, [0, 0], 2)[1] ?? []])
  })

  it("S04 Anderson with a window of one is the secant method", () =>
    agrees(steps(anderson({ memory: 1 }), (z) => cos(z), [1], 5).slice(1), [
      [0.728010361468],
      [0.739627012631],
      [0.739083800783],
      [0.739085133056],
    ]))

  it.each([true, false])("S05 Broyden's good method, full steps (line search %s)", (lineSearch) =>
    agrees(steps(broyden({ lineSearch }), c13, [0, 0], 4), [
      [1, 2],
      [2.42857142857, 3.25],
      [2.36734005788, 2.99997190301],
      [2.35294117647, 2.94117647059],
    ]),
  )

  it.each([true, false])(
    "S05 Broyden's bad method (line search %s); its first correction is the step of Anderson with a window of one",
    (lineSearch) => {
      const found = steps(broyden({ lineSearch, update: "bad" }), c13, [0, 0], 4)
      agrees(found, [
        [1, 2],
        [2.29479768786, 3.13294797688],
        [2.34211731619, 2.9768762203],
        [2.35294117647, 2.94117647059],
      ])
      expect(
        relativeError(steps(anderson({ memory: 1 }), c13, [0, 0], 2)[1] as readonly number[], found[1] as readonly number[]),
      ).toBeLessThan(1e-15)
    },
  )

  it("S07 Newton converges quadratically", () =>
    agrees(steps(newton(), circle, [2, 0.5], 3), [
      [1.93333333333, 0.516666666667],
      [1.9318527411, 0.517637054822],
      [1.93185165258, 0.517638090204],
    ]))

  it("S08 Chebyshev attains the bound of its residuals in the maximum norm", () => {
    const f = (z: Tensor) => add(mul(z, tensor([0.9, -0.9, 0.5])), 1) as Tensor
    const found = points(drive(algorithmOf(chebyshev({ low: -0.9, high: 0.9 }).method), f, [0, 0, 0], 12))
    agrees(found.slice(1), [
      [1, 1, 1],
      [3.19327731092, 0.168067226891, 2.52100840336],
      [5.35668789809, 0.770700636943, 2.91082802548],
    ])
    const sizes = found.map((z) => Math.max(...numbers(sub(f(tensor(z)), tensor(z))).map(Math.abs)))
    expect(
      relativeError(
        [1, 0.9, 0.680672268908, 0.464331210191, 0.301502688296, 0.191686414543, 0.120827108474, 0.0759019143498],
        sizes.slice(0, 8),
      ),
    ).toBeLessThan(1e-11)
    const s = (Math.sqrt(19) - 1) / (Math.sqrt(19) + 1)
    sizes.forEach((size, k) => void expect(size * (s ** k + s ** -k)).toBeCloseTo(2, 11))
  })

  it("S10 GMRES on a cyclic shift makes no progress for n - 1 products, then is exact", () => {
    const shift = (z: Tensor) => concat([slice(z, { start: [3] }), slice(z, { end: [3] })], 0)
    const f = (z: Tensor) => add(sub(z, shift(z)), tensor([1, 0, 0, 0])) as Tensor
    const turns = drive(krylovAlgorithm(4, true), f, [0, 0, 0, 0], 6, 1e-12)
    const left = turns.slice(1).map((t) => Math.hypot(...numbers((t.state as { readonly cycle: Cycle }).cycle.r)))
    expect(left).toEqual([1, 1, 1, 1, 0])
    expect(turns[5]?.at).toEqual([0, 0, 0, 1])
  })

  it("S09 conjugate gradients", () => {
    const f = (z: Tensor) => add(z, sub(tensor([1, 2]), apply(tensor(SPD) as Tensor, z))) as Tensor
    const seen = drive(cgAlgorithm, f, [0, 0], 4).map((t) => numbers((t.state as { readonly x: Tensor }).x))
    agrees(seen.slice(2), [
      [0.25, 0.5],
      [0.0909090909091, 0.636363636364],
    ])
  })

  it("S11 BiCGSTAB on the adjoint system of C13: exact in two steps", () => {
    // lambda <- u + A' lambda
    const f = (z: Tensor) => add(einsum("ji,j->i", A, z), tensor([1, 1])) as Tensor
    const seen = drive(bicgstabAlgorithm, f, [0, 0], 6).map((t) => numbers((t.state as { readonly x: Tensor }).x))
    const at = (k: number) => seen[k] ?? []
    const size = (x: readonly number[]) => Math.hypot(...numbers(sub(f(tensor(x)), tensor(x))))
    agrees([at(3)], [[1.05128205128, 2.28205128205]])
    expect(size(at(3))).toBeCloseTo(0.0877058019307, 11)
    agrees([at(5)], [[0.980392156863, 2.1568627451]])
  })

  it("S15 the forcing terms of Eisenstat and Walker", () => {
    const sizes = [1, 0.5, 0.1, 0.001]
    const scalar = (x: number) => tensor(x) as Tensor<[]>
    let eta = 0.5
    const etas = sizes.map((size, k) => {
      eta = number(forcing(scalar(eta), scalar(k === 0 ? 0 : (sizes[k - 1] as number)), scalar(size)))
      return eta
    })
    expect(relativeError([0.5, 0.225, 0.036, 9e-5], etas)).toBeLessThan(1e-14)
  })
})
