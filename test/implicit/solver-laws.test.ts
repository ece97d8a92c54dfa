/** Theorems about the solvers' steps, on random maps. */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type Tensor, tensor } from "../../src/core/index.js"
import { anderson, broyden, damped, newton, picard, type Solver } from "../../src/implicit/index.js"
import { algorithmOf } from "../../src/implicit/solvers/index.js"
import type { Pairs } from "../../src/implicit/solvers/secant-memory.js"
import { add, einsum, mul, sub, tanh } from "../../src/ops/index.js"
import { affine, apply } from "../support/contraction.js"
import { drive, points } from "../support/drive.js"
import { numbers, relativeError } from "../support/outcome.js"

const entry = fc.integer({ min: -16, max: 16 }).map((n) => n / 16)
const vector = (n: number) => fc.array(entry, { minLength: n, maxLength: n })
const matrix = (n: number, scale: number) =>
  fc.array(
    vector(n).map((r) => r.map((x) => x * scale)),
    { minLength: n, maxLength: n },
  )
/** Costs of a run: a law drives a solver for some turns, each evaluated at once. */
const few = { numRuns: 8 }

const steps = (solver: Solver, f: (z: Tensor) => Tensor, start: readonly number[], turns: number) =>
  points(drive(algorithmOf(solver.method), f, start, turns))

/** A rotation in the plane of the first two axes. */
const rotation = (n: number, angle: number): Tensor =>
  tensor(
    Array.from({ length: n }, (_, i) =>
      Array.from({ length: n }, (_, j) => {
        if (i > 1 || j > 1) return i === j ? 1 : 0
        return i === j ? Math.cos(angle) : i < j ? -Math.sin(angle) : Math.sin(angle)
      }),
    ),
  ) as Tensor

interface Known {
  readonly pairs: Pairs
  readonly z: Tensor
  readonly g: Tensor
}

describe("laws of solver steps", () => {
  it("Anderson with full memory solves an affine map in n + 1 steps", () =>
    fc.assert(
      fc.property(matrix(3, 0.3), vector(3), (m, c) => {
        fc.pre(c.some((x) => Math.abs(x) > 0.1))
        const f = affine(tensor(m), tensor(c))
        const last = steps(anderson({ memory: 3 }), f, [0, 0, 0], 5)[4] as readonly number[]
        expect(relativeError(last, numbers(f(tensor(last))))).toBeLessThan(1e-9)
      }),
      few,
    ))

  it("Newton solves an affine map in one step, contraction or not", () =>
    fc.assert(
      fc.property(matrix(3, 0.5), vector(3), (m, c) => {
        // I - 3 A + 8 I is well-conditioned and its map far from a contraction
        const a = m.map((row, i) => row.map((x, j) => (i === j ? x - 8 : x)))
        const f = affine(tensor(a), tensor(c))
        const start = [1, 1, 1]
        const [, z] = steps(newton(), f, start, 2) as [unknown, readonly number[]]
        // the step rounds relative to what it starts from; the solution itself may be near 0
        const residual = (at: readonly number[]) => Math.hypot(...numbers(f(tensor(at))).map((y, i) => y - (at[i] as number)))
        expect(residual(z) / residual(start)).toBeLessThan(1e-13)
      }),
      few,
    ))

  it("Newton's steps do not change when the equation is multiplied by a matrix", () =>
    fc.assert(
      fc.property(matrix(2, 0.4), vector(2), (m, c) => {
        const F = (z: Tensor) => sub(add(tanh(apply(tensor(m), z)), tensor(c)), mul(z, 2)) as Tensor
        const other = tensor([
          [2, 1],
          [-1, 3],
        ]) as Tensor
        const plain = steps(newton(), (z) => add(z, F(z)), [0.3, -0.2], 4)
        const changed = steps(newton(), (z) => add(z, apply(other, F(z))), [0.3, -0.2], 4)
        plain.forEach((z, k) => void expect(relativeError(z, changed[k] ?? [])).toBeLessThan(1e-12))
      }),
      few,
    ))

  it.each([
    ["picard", picard(), 6],
    ["damped", damped(picard(), 0.7), 6],
    ["anderson", anderson({ memory: 2 }), 5],
    ["broyden", broyden(), 6],
  ] as const)("%s commutes with rotations of the state", (_, solver, turns) =>
    fc.assert(
      fc.property(matrix(3, 0.3), vector(3), fc.integer({ min: 1, max: 6 }), (m, c, angle) => {
        const q = rotation(3, angle)
        const f = (z: Tensor) => add(tanh(apply(tensor(m), z)), tensor(c)) as Tensor
        const turned = (z: Tensor) => apply(q, f(einsum("ji,j->i", q, z)))
        const plain = steps(solver, f, [0.5, -0.25, 1], turns)
        const other = steps(solver, turned, numbers(apply(q, tensor([0.5, -0.25, 1]))), turns)
        plain.forEach((z, k) => void expect(relativeError(numbers(apply(q, tensor(z))), other[k] ?? [])).toBeLessThan(1e-9))
      }),
      few,
    ),
  )

  it.each(["good", "bad"] as const)(
    "Broyden's secant equation H dg = dz holds after every step, also when the memory has wrapped (%s)",
    (update) =>
      fc.assert(
        fc.property(matrix(4, 0.35), vector(4), (m, c) => {
          const f = (z: Tensor) => add(tanh(apply(tensor(m), z)), tensor(c)) as Tensor
          const turns = drive(algorithmOf(broyden({ memory: 2, lineSearch: false, update }).method), f, [0, 0, 0, 0], 7)
          let wrapped = 0
          for (let k = 2; k + 1 < turns.length; k++) {
            const [before, after] = [turns[k]?.state, turns[k + 1]?.state] as unknown as readonly [Known, Known]
            const { U, V, used } = after.pairs
            const dz = sub(after.z, before.z) as Tensor
            const dg = sub(after.g, before.g) as Tensor
            // near convergence dg is all rounding, and the pair is rightly left out
            if (Math.hypot(...numbers(dg)) < 1e-6) break
            const H = sub(einsum("rn,r->n", U, mul(used, einsum("rn,n->r", V, dg))), dg)
            expect(relativeError(numbers(dz), numbers(H))).toBeLessThan(1e-8)
            if (k > 3) wrapped++
          }
          fc.pre(wrapped > 0)
        }),
        few,
      ),
  )
})
