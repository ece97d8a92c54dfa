/** What Broyden's updates and Chebyshev's steps are defined by, on random maps; and that each method solves on every target. */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { compile, type Tensor, tensor, toArray, valueAndGrad } from "../../src/core/index.js"
import { anderson, broyden, chebyshev, fixedPoint, newton, picard, type Solver, solveFixedPoint } from "../../src/implicit/index.js"
import { algorithmOf } from "../../src/implicit/solvers/index.js"
import type { Pairs } from "../../src/implicit/solvers/secant-memory.js"
import { add, einsum, mul, sub, sum, tanh, zerosLike } from "../../src/ops/index.js"
import { affine, apply } from "../support/contraction.js"
import { drive, points } from "../support/drive.js"
import { right } from "../support/either.js"
import { number, numbers, relativeError } from "../support/outcome.js"

const entry = fc.integer({ min: -16, max: 16 }).map((n) => n / 16)
const vector = (n: number) => fc.array(entry, { minLength: n, maxLength: n })
const matrix = (n: number, scale: number) =>
  fc.array(
    vector(n).map((r) => r.map((x) => x * scale)),
    { minLength: n, maxLength: n },
  )
const few = { numRuns: 8 }
const inner = (a: readonly number[], b: readonly number[]) => a.reduce((s, x, i) => s + x * (b[i] as number), 0)
/** A vector without its part along another. */
const across = (w: readonly number[], along: readonly number[]) => {
  const by = inner(w, along) / inner(along, along)
  return w.map((x, i) => x - by * (along[i] as number))
}

interface Known {
  readonly pairs: Pairs
  readonly z: Tensor
  readonly g: Tensor
}

describe("Broyden's least change", () => {
  /** The columns of H, from its pairs. */
  const columns = ({ pairs: { U, V, used } }: Known, n: number) =>
    Array.from({ length: n }, (_, j) => {
      const e = tensor(Array.from({ length: n }, (_k, i) => (i === j ? 1 : 0))) as Tensor
      return numbers(sub(einsum("rn,r->n", U, mul(used, einsum("rn,n->r", V, e))), e))
    })
  const times = (H: readonly (readonly number[])[], x: readonly number[]) =>
    x.map((_, i) => H.reduce((s, column, j) => s + (column[i] as number) * (x[j] as number), 0))

  it.each(["good", "bad"] as const)("%s: the update changes H along one direction only", (update) =>
    fc.assert(
      fc.property(matrix(3, 0.4), vector(3), vector(3), (m, c, w) => {
        const f = (z: Tensor) => add(tanh(apply(tensor(m), z)), tensor(c)) as Tensor
        const turns = drive(algorithmOf(broyden({ lineSearch: false, update }).method), f, [0, 0, 0], 5)
        let told = 0
        for (let k = 2; k + 1 < turns.length; k++) {
          const [before, after] = [turns[k]?.state, turns[k + 1]?.state] as unknown as readonly [Known, Known]
          const [dz, dg] = [numbers(sub(after.z, before.z)), numbers(sub(after.g, before.g))]
          if (Math.hypot(...dg) < 1e-6) break
          const [H0, H1] = [columns(before, 3), columns(after, 3)]
          // bad: H1 w = H0 w for w across dg. Good: H1 x = H0 x where H0 x is across dz, that is x across H0' dz.
          const normal = update === "bad" ? dg : H0.map((column) => inner(column, dz))
          const x = across(w, normal)
          expect(relativeError([...times(H0, x), 1], [...times(H1, x), 1])).toBeLessThan(1e-9)
          if (k === 3) expect(relativeError([...times(H0, normal), 1], [...times(H1, normal), 1])).toBeGreaterThan(0)
          told++
        }
        fc.pre(told > 0)
      }),
      few,
    ),
  )
})

describe("Chebyshev", () => {
  /** A symmetric matrix with eigenvalues of choice: Q diag Q' for a product of plane rotations Q. */
  const symmetric = (eigenvalues: readonly number[], angles: readonly number[]) => {
    const n = eigenvalues.length
    let q = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_k, j): number => (i === j ? 1 : 0)))
    angles.forEach((angle, i) => {
      const [a, b] = [i % n, (i + 1) % n]
      q = q.map((row) => {
        const next = [...row]
        next[a] = Math.cos(angle) * (row[a] as number) - Math.sin(angle) * (row[b] as number)
        next[b] = Math.sin(angle) * (row[a] as number) + Math.cos(angle) * (row[b] as number)
        return next
      })
    })
    return q.map((x) => q.map((y) => eigenvalues.reduce((s, l, k) => s + l * (x[k] as number) * (y[k] as number), 0)))
  }
  const bounds = fc.constantFrom([-0.9, 0.9], [-4, 0.5], [0.25, 0.75], [-1, -1]) as fc.Arbitrary<[number, number]>

  it("no residual exceeds the bound of the Chebyshev polynomials, whatever symmetric A with its spectrum in [low, high]", () =>
    fc.assert(
      fc.property(bounds, vector(4), vector(4), vector(4), ([low, high], at, angles, c) => {
        const A = symmetric(
          at.map((x) => low + ((x + 1) / 2) * (high - low)),
          angles.map((a) => 3 * a),
        )
        const f = affine(tensor(A), tensor(c))
        const sizes = points(drive(algorithmOf(chebyshev({ low, high }).method), f, [0, 0, 0, 0], 9)).map((z) =>
          Math.hypot(...numbers(f(tensor(z))).map((y, i) => y - (z[i] as number))),
        )
        const root = Math.sqrt((1 - low) / (1 - high))
        const s = (root - 1) / (root + 1)
        sizes.forEach(
          (size, k) => void expect(size).toBeLessThanOrEqual((sizes[0] as number) * Math.min(1, 2 / (s ** k + s ** -k)) + 1e-12),
        )
      }),
      { numRuns: 20 },
    ))

  it("has no inner products: unknowns that don't meet are solved bit for bit as alone", () => {
    const f = (a: readonly number[]) => (z: Tensor) => add(mul(tensor(a), z), 1) as Tensor
    const run = (a: readonly number[]) =>
      points(
        drive(
          algorithmOf(chebyshev({ low: -0.9, high: 0.9 }).method),
          f(a),
          a.map(() => 0),
          8,
        ),
      )
    const together = run([0.9, -0.3, 0.5])
    const alone = [run([0.9]), run([-0.3]), run([0.5])]
    expect(together).toEqual(together.map((_, k) => alone.map((one) => one[k]?.[0])))
  })

  it("needs the square root of Picard's evaluations, and converges where Picard does not", () => {
    const f = (z: Tensor) => add(mul(z, tensor([0.98, -0.98, 0.2])), 1) as Tensor
    const evaluations = (solver: Solver) => number(solveFixedPoint(f, tensor([0, 0, 0]) as Tensor, solver).evaluations)
    expect(evaluations(chebyshev({ low: -0.98, high: 0.98 }))).toBeLessThan(evaluations(picard({ maxEvaluations: 4000 })) / 5)
    const steep = (z: Tensor) => add(mul(z, tensor([-5, 0.5])), 1) as Tensor
    expect(relativeError([1 / 6, 2], numbers(fixedPoint(steep, tensor([0, 0]) as Tensor, chebyshev({ low: -5, high: 0.5 }))))).toBeLessThan(
      1e-9,
    )
  })

  it("refuses bounds that are none", () => {
    for (const bad of [
      { low: 0.5, high: 0.2 },
      { low: 0, high: 1 },
      { low: Number.NaN, high: 0.5 },
      { low: Number.NEGATIVE_INFINITY, high: 0.5 },
    ])
      expect(() => chebyshev(bad)).toThrow(/^chebyshev: the spectrum must lie in \[low, high\] with low <= high < 1/)
  })
})

describe("solves and their gradients on every target", () => {
  const w0 = tensor([
    [0.3, -0.4, 0.1],
    [-0.4, -0.2, 0.3],
    [0.1, 0.3, 0.5],
  ]) as Tensor
  const x0 = tensor([
    [0.5, -0.3, 1],
    [2, 1, -0.5],
  ]) as Tensor
  const loss = (solver: Solver) => (p: { readonly w: Tensor; readonly x: Tensor }) =>
    sum(tanh(fixedPoint((z: Tensor) => tanh(add(einsum("bi,ij->bj", z, p.w), p.x)) as Tensor, zerosLike(p.x), solver))) as Tensor<[]>
  const values = (solver: Solver) => numbers(valueAndGrad(loss(solver))({ w: w0, x: x0 }))

  describe.each([
    ["broyden, bad update", broyden({ update: "bad" })],
    ["anderson with ridge", anderson({ ridge: 1e-8 })],
    ["anderson with restart", anderson({ restart: 4 })],
    ["anderson with safeguard", anderson({ safeguard: {} })],
    ["chebyshev", chebyshev({ low: -0.8, high: 0.8 })],
  ] as const)("%s", (_, solver) => {
    it.each([
      ["interpreter", 1e-9],
      ["wasm:f64", 1e-9],
      ["wasm", 1e-4],
    ] as const)("%s", async (target, tolerance) => {
      const step = valueAndGrad(loss(solver))
      const program = compile((p: never) => step(p), { target })
      const [value, gradient] = right(await program({ w: w0, x: x0 } as never)()) as unknown as [Tensor, { w: Tensor; x: Tensor }]
      program.dispose()
      const found = [value, gradient.w, gradient.x].flatMap((t) => [...toArray(t)])
      expect(relativeError(values(newton()), found)).toBeLessThan(tolerance)
    })
  })
})
