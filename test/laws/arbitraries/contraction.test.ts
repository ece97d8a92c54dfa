/** Contractions have the spectral radius asked for, by another library's eigenvalues. */
import * as fc from "fast-check"
import { EVD, Matrix, SVD } from "ml-matrix"
import { describe, expect, test } from "vitest"
import { type Tensor, toArray } from "../../../src/core/index.js"
import { contraction } from "../../../src/laws/arbitraries/index.js"

const kinds = ["normal", "symmetric", "nonNormal"] as const
const sizes = fc.integer({ min: 1, max: 6 })
const radii = fc.constantFrom(0.25, 0.5, 0.9, 1.5)

const matrixOf = (t: Tensor<[number, number]>): Matrix => Matrix.from1DArray(t.shape[0] as number, t.shape[0] as number, toArray(t))

const spectralRadius = (m: Matrix): number => {
  const { realEigenvalues, imaginaryEigenvalues } = new EVD(m, { assumeSymmetric: false })
  return Math.max(...realEigenvalues.map((re, i) => Math.hypot(re, imaginaryEigenvalues[i] as number)))
}

/**
 * Bauer and Fike: eigenvalues of S D S^-1 move by at most cond(S) times the error of the matrix. D is normal; S is unit bidiagonal
 * with entries up to 1, so |S| <= sqrt(2 n) and |S^-1| <= n, and |A| <= cond(S) rho. Both the building (two reflections, one
 * solve) and the QR iterations round within 16 n eps |A|. A normal matrix has S = 1.
 */
const allowed = (kind: (typeof kinds)[number], n: number, rho: number): number => {
  const condition = kind === "nonNormal" ? n * Math.sqrt(2 * n) : 1
  return 2 * 16 * n * Number.EPSILON * condition ** 2 * rho
}

describe.each(kinds)("a %s contraction", (kind) => {
  test("has the spectral radius asked for", () => {
    fc.assert(
      fc.property(
        sizes.chain((n) => radii.chain((rho) => contraction(n, rho, { kind }).map((a) => ({ n, rho, a })))),
        ({ n, rho, a }) => {
          expect(Math.abs(spectralRadius(matrixOf(a)) - rho)).toBeLessThanOrEqual(allowed(kind, n, rho))
        },
      ),
    )
  })

  test("shrinks to a diagonal", () => {
    const { counterexample } = fc.check(fc.property(contraction(3, 0.5, { kind }), () => false))
    const a = toArray((counterexample as [Tensor])[0])
    expect([...a].filter((_, i) => i % 4 !== 0).every((x) => x === 0)).toBe(true)
    expect(a[0]).toBe(0.5)
  })
})

test("a normal one commutes with its transpose, and its norm is its spectral radius", () => {
  fc.assert(
    fc.property(contraction(5, 0.9), (t) => {
      const a = matrixOf(t)
      expect(Math.abs((new SVD(a).diagonal[0] as number) - 0.9)).toBeLessThanOrEqual(allowed("normal", 5, 0.9))
      expect(a.mmul(a.transpose()).sub(a.transpose().mmul(a)).abs().max()).toBeLessThanOrEqual(allowed("normal", 5, 0.9))
    }),
  )
})

test("a symmetric one is symmetric", () => {
  fc.assert(
    fc.property(contraction(5, 0.9, { kind: "symmetric" }), (t) => {
      const a = matrixOf(t)
      expect(a.clone().sub(a.transpose()).abs().max()).toBeLessThanOrEqual(allowed("symmetric", 5, 0.9))
    }),
  )
})

test("of those that aren't normal many have a norm above their spectral radius, and complex eigenvalues occur", () => {
  const norms = fc
    .sample(contraction(4, 0.5, { kind: "nonNormal" }), { seed: 1, numRuns: 40 })
    .map((t) => new SVD(matrixOf(t)).diagonal[0] as number)
  expect(norms.filter((s) => s > 0.6).length).toBeGreaterThan(20)
  const turns = fc.sample(contraction(4, 0.5), { seed: 1, numRuns: 40 }).map((t) => new EVD(matrixOf(t)).imaginaryEigenvalues)
  expect(turns.filter((im) => im.some((x) => Math.abs(x) > 0.01)).length).toBeGreaterThan(20)
})
