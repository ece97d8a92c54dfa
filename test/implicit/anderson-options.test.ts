/** Ridge, restart and safeguard of Anderson acceleration, and its equality with GMRES, against plain arithmetic. */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type Tensor, tensor } from "../../src/core/index.js"
import { anderson, picard, type Solver, solveFixedPoint } from "../../src/implicit/index.js"
import type { Cycle } from "../../src/implicit/solvers/gmres.js"
import { algorithmOf, krylovAlgorithm } from "../../src/implicit/solvers/index.js"
import { weights } from "../../src/implicit/solvers/residual-history.js"
import { add, log, mul, relu, sub, tanh } from "../../src/ops/index.js"
import { affine, apply, c13, z13, zero2 } from "../support/contraction.js"
import { drive, points } from "../support/drive.js"
import { number, numbers, relativeError } from "../support/outcome.js"

type Rows = readonly (readonly number[])[]
const entry = fc.integer({ min: -16, max: 16 }).map((n) => n / 16)
const vector = (n: number) => fc.array(entry, { minLength: n, maxLength: n })
const matrix = (rows: number, n: number, scale = 1) =>
  fc.array(
    vector(n).map((r) => r.map((x) => x * scale)),
    { minLength: rows, maxLength: rows },
  )
const few = { numRuns: 8 }
const inner = (a: readonly number[], b: readonly number[]) => a.reduce((s, x, i) => s + x * (b[i] as number), 0)
const steps = (solver: Solver, f: (z: Tensor) => Tensor, start: readonly number[], turns: number) =>
  points(drive(algorithmOf(solver.method), f, start, turns))

/** (G + lambda I) x = r for a Gram matrix, by elimination without pivots: it is positive definite. */
const solved = (gram: Rows, lambda: number, right: readonly number[]): readonly number[] => {
  const m = gram.map((row, i) => [...row.map((x, j) => (i === j ? x + lambda : x)), right[i] as number])
  m.forEach((pivot, k) => {
    m.forEach((row, i) => {
      if (i !== k) {
        const by = (row[k] as number) / (pivot[k] as number)
        m[i] = row.map((x, j) => x - by * (pivot[j] as number))
      }
    })
  })
  return m.map((row, i) => (row[row.length - 1] as number) / (row[i] as number))
}

describe("ridge", () => {
  it("is relative to the largest diagonal of the Gram matrix: the weights solve the normal equations, at every scale", () =>
    fc.assert(
      fc.property(matrix(3, 4), vector(4), fc.constantFrom(1e-4, 0.01, 1), fc.constantFrom(1, 1e-30, 1e30), (DG, g, ridge, scale) => {
        const gram = DG.map((a) => DG.map((b) => inner(a, b)))
        const largest = Math.max(...gram.map((row, i) => row[i] as number))
        fc.pre(largest > 0 && g.some((x) => x !== 0))
        const expected = solved(
          gram,
          ridge * largest,
          DG.map((a) => inner(a, g)),
        )
        const scaled = (row: readonly number[]) => row.map((x) => x * scale)
        const found = numbers(weights(tensor(DG.map(scaled)), tensor(scaled(g)), ridge))
        expect(relativeError([...expected, 1], [...found, 1])).toBeLessThan(1e-10)
      }),
      { numRuns: 30 },
    ))

  it("L24: the weights of the points sum to 1 for every ridge, so the steps move with the origin", () =>
    fc.assert(
      fc.property(matrix(3, 3, 0.5), vector(3), vector(3), fc.constantFrom(0, 1e-4, 0.5), (m, c, by, ridge) => {
        const f = (z: Tensor) => add(tanh(apply(tensor(m), z)), tensor(c)) as Tensor
        const shift = tensor(by.map((x) => 8 * x)) as Tensor
        const moved = (z: Tensor) => add(f(sub(z, shift) as Tensor), shift) as Tensor
        const plain = steps(anderson({ memory: 2, ridge }), f, [0.5, 0, -1], 5)
        const other = steps(anderson({ memory: 2, ridge }), moved, numbers(add(shift, tensor([0.5, 0, -1]))), 5)
        plain.forEach(
          (z, k) => void expect(relativeError([...numbers(add(tensor(z), shift)), 1], [...(other[k] ?? []), 1])).toBeLessThan(1e-7),
        )
      }),
      few,
    ))

  it("without one, Anderson on an affine map ends after n + 1 steps; with one, it does not", () => {
    const last = (ridge: number) => steps(anderson({ memory: 2, ridge }), c13, [0, 0], 4)[3] as readonly number[]
    expect(relativeError(z13, last(0))).toBeLessThan(1e-14)
    expect(relativeError(z13, last(1e-2))).toBeGreaterThan(1e-4)
  })
})

describe("Walker and Ni", () => {
  it("with full memory on an affine map, every step is f of the iterate of GMRES", () =>
    fc.assert(
      fc.property(matrix(4, 4, 0.4), vector(4), (m, c) => {
        fc.pre(c.some((x) => Math.abs(x) > 0.1))
        const f = affine(tensor(m), tensor(c))
        const start = [0, 0, 0, 0]
        const cycles = drive(krylovAlgorithm(4, true), f, start, 5).map((t) => (t.state as unknown as { readonly cycle: Cycle }).cycle)
        const accelerated = steps(anderson({ memory: 4 }), f, start, 5)
        for (let k = 2; k < 5; k++) {
          // where GMRES stands still, or is done, Anderson's differences don't span its space
          if (number((cycles[k] as Cycle).spent) === 1) break
          const [before, after] = [cycles[k - 1], cycles[k]].map((cycle) => Math.hypot(...numbers((cycle as Cycle).r))) as [number, number]
          if (!(after < 0.99 * before) || after < 1e-9) break
          expect(relativeError(numbers(f((cycles[k] as Cycle).x)), accelerated[k] as readonly number[])).toBeLessThan(1e-8)
        }
      }),
      few,
    ))
})

describe("restart", () => {
  it("starts anew from where it is: steps after it are those of a run that begins there", () => {
    const f = (z: Tensor) =>
      add(
        tanh(
          apply(
            tensor([
              [0.4, 0.9],
              [-0.8, 0.5],
            ]),
            z,
          ),
        ),
        tensor([1, -0.5]),
      ) as Tensor
    const all = steps(anderson({ memory: 5, restart: 3 }), f, [0, 0], 8)
    expect(all.slice(0, 4)).toEqual(steps(anderson({ memory: 5 }), f, [0, 0], 4))
    expect(all.slice(3, 7)).toEqual(steps(anderson({ memory: 5 }), f, all[3] as readonly number[], 4))
    expect(all.slice(6, 8)).toEqual(steps(picard(), f, all[6] as readonly number[], 2))
    expect(all[4]).not.toEqual(steps(anderson({ memory: 5 }), f, [0, 0], 5)[4])
  })
})

describe("safeguard", () => {
  // far from the solution 3 the residual hardly changes, so that a secant overshoots by far; beyond 10 the residual grows
  const astray = (z: Tensor) => sub(add(mul(z, 0.98), 0.06), add(mul(tanh(sub(z, 3)), 0.5), mul(relu(sub(z, 10)), 0.25))) as Tensor
  // the same, and not a number beyond 15
  const cliff = (z: Tensor) => add(astray(z), mul(log(sub(15, z)), 0)) as Tensor
  const size = (f: (z: Tensor) => Tensor, z: readonly number[]) => Math.hypot(...numbers(sub(f(tensor(z)), tensor(z))))

  it("a point whose residual more than doubles is refused: the next one is the plain step from the point before it", () => {
    const start = [0]
    const free = steps(anderson({ memory: 1 }), astray, start, 12)
    const at = free.findIndex((z, k) => k > 1 && size(astray, z) > 2 * size(astray, free[k - 1] as readonly number[]))
    expect(at).toBeGreaterThan(1) // it does overshoot
    const guarded = steps(anderson({ memory: 1, safeguard: {} }), astray, start, 12)
    expect(guarded.slice(0, at + 1)).toEqual(free.slice(0, at + 1))
    expect(guarded[at + 1]).toEqual(numbers(astray(tensor(free[at - 1] as readonly number[]))))
    // and from there on as a run that begins at the point before
    expect(guarded.slice(at + 1, at + 3)).toEqual(steps(anderson({ memory: 1 }), astray, free[at - 1] as readonly number[], 3).slice(1))
  })

  it("points whose residuals don't fall fast enough from the first one are refused", () => {
    // every extrapolation is refused by so small a bound: what is accepted are the steps of Picard
    const guarded = steps(anderson({ memory: 2, safeguard: { bound: 1e-12 } }), c13, [0, 0], 7)
    const plain = steps(picard(), c13, [0, 0], 4)
    expect([guarded[1], guarded[3], guarded[5]]).toEqual(plain.slice(1))
  })

  it("a guarded solve that never has to refuse takes the steps of the other", () =>
    expect(steps(anderson({ memory: 2, safeguard: {} }), c13, [0, 0], 4)).toEqual(steps(anderson({ memory: 2 }), c13, [0, 0], 4)))

  it("comes back from an extrapolation to where f is not finite", () => {
    const free = steps(anderson({ memory: 1 }), cliff, [0], 3)
    expect(free[2]?.[0]).toBeGreaterThan(15)
    const guarded = steps(anderson({ memory: 1, safeguard: {} }), cliff, [0], 4)
    expect(guarded).toEqual([...free, numbers(cliff(tensor(free[1] as readonly number[])))])
    const { z, status } = solveFixedPoint(cliff, tensor([0]) as Tensor, anderson({ memory: 1, safeguard: {}, maxEvaluations: 100 }))
    expect(number(status)).toBe(1)
    expect(number(z)).toBeCloseTo(3, 9)
  })

  it("leads to the solution", () => {
    for (const solver of [
      anderson({ safeguard: {} }),
      anderson({ restart: 2 }),
      anderson({ ridge: 1e-8, restart: 4, safeguard: { growth: 1.5 } }),
    ])
      expect(relativeError(z13, numbers(solveFixedPoint(c13, zero2, solver).z))).toBeLessThan(1e-9)
  })
})
