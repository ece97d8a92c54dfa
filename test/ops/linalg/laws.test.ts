/** What factors mean, at random matrices and ill-conditioned ones; what is told of singular ones; and what stays in its own matrix. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { compile, evaluate, type TargetName, type Tensor, tensor, toArray, type Unchecked } from "../../../src/core/index.js"
import { uniform } from "../../../src/laws/arbitraries/index.js"
import {
  add,
  cholesky,
  det,
  eigh,
  eye,
  inv,
  logdet,
  lstsq,
  lu,
  matmul,
  mul,
  permute,
  qr,
  slogdet,
  solve,
  stack,
  sum,
  takeRows,
  triangularSolve,
} from "../../../src/ops/index.js"
import { right } from "../../support/either.js"
import { dataOf } from "../support.js"

const eps = Number.EPSILON
const swap = (x: Tensor): Tensor => permute(x, x.shape.length === 2 ? [1, 0] : [0, 2, 1])
const times = (x: Tensor, y: Tensor): Tensor => matmul(x, y) as Tensor
const largest = (x: Unchecked): number => Math.max(...dataOf(x).map(Math.abs), 0)
const distance = (x: Unchecked, y: Unchecked): number => {
  const [p, q] = [dataOf(x), dataOf(y)]
  return Math.max(...p.map((n, i) => Math.abs(n - (q[i] as number))), 0)
}
const tensorOf = (x: unknown): Tensor => tensor(x as never) as Tensor
const hilbert = (n: number): Tensor => tensorOf(Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_x, j) => 1 / (i + j + 1))))

describe("backward errors are of the order n eps |A|, whatever the condition", () => {
  const n = 5
  test("L L' = A, of A = M M' + I / 16", () => {
    fc.assert(
      fc.property(uniform([2, n, n]), (m) => {
        const a = add(times(m, swap(m)), mul(eye(n), 1 / 16)) as Tensor
        const l = cholesky(a)
        expect(distance(times(l, swap(l)), a)).toBeLessThanOrEqual((n + 1) * n * eps * largest(a))
      }),
    )
  })
  test("P A = L U, with |L| <= 1, also of singular matrices", () => {
    fc.assert(
      fc.property(uniform([2, n, n]), fc.boolean(), (m, singular) => {
        const a = singular ? times(m, mul(m, 0)) : m
        const { l, u, permutation } = lu(a)
        expect(distance(times(l, u), takeRows(a, permutation, 1))).toBeLessThanOrEqual(2 * n * n * eps * Math.max(largest(u), largest(a)))
        expect(largest(l)).toBeLessThanOrEqual(1)
      }),
    )
  })
  test("Q R = A and Q' Q = I, R upper triangular", () => {
    fc.assert(
      fc.property(uniform([2, n, 3]), (a) => {
        const { q, r } = qr(a)
        expect(distance(times(q, r), a)).toBeLessThanOrEqual(8 * n * 3 * eps * Math.max(largest(a), 1))
        expect(distance(times(swap(q), q), stack([eye(3), eye(3)] as never))).toBeLessThanOrEqual(8 * n * 3 * eps)
      }),
    )
  })
  test("A V = V W and V' V = I, also where eigenvalues are equal", () => {
    fc.assert(
      fc.property(uniform([n, 2]), (m) => {
        const a = times(m, swap(m)) // three eigenvalues are zero
        const { values, vectors } = eigh(a)
        const bound = 64 * n * n * eps
        expect(distance(times(a, vectors), mul(vectors, values))).toBeLessThanOrEqual(bound * Math.max(largest(a), 1))
        expect(distance(times(swap(vectors), vectors), eye(n))).toBeLessThanOrEqual(bound)
        expect(dataOf(values)).toEqual(dataOf(values).toSorted((x, y) => x - y))
      }),
      { numRuns: 20 },
    )
  })
  test("Hilbert matrices: a small residual, though the solution has few digits", () => {
    const a = hilbert(10)
    const b = sum(a, [1]) as Tensor
    const x = solve(a, b)
    const residual = Math.max(...dataOf(a).map(() => 0), distance(times(a, tensorOf(dataOf(x).map((v) => [v]))), b))
    expect(residual).toBeLessThanOrEqual(3 * 10 * 10 * eps * largest(a) * largest(x))
    expect(distance(times(cholesky(a), swap(cholesky(a))), a)).toBeLessThanOrEqual(110 * eps)
  })
})

test("triangular systems in all their forms", () => {
  const t = tensorOf([
    [2, 3, -1],
    [4, 5, 6],
    [-2, 1, 8],
  ])
  const parts = { true: [[2, 0, 0], [4, 5, 0], [-2, 1, 8]], false: [[2, 3, -1], [0, 5, 6], [0, 0, 8]] } as const // biome-ignore format: rows
  for (const lower of [true, false])
    for (const transposed of [true, false])
      for (const unitDiagonal of [true, false])
        for (const side of ["left", "right"] as const) {
          const plain = parts[`${lower}`].map((row, i) => row.map((x, j) => (i === j && unitDiagonal ? 1 : x)))
          const m = transposed ? swap(tensorOf(plain)) : tensorOf(plain)
          const b = side === "left" ? tensorOf([[1, 2], [3, 4], [5, 6]]) : tensorOf([[1, 3, 5], [2, 4, 6]]) // biome-ignore format: rows
          const x = triangularSolve(t, b, { lower, transposed, unitDiagonal, side })
          expect(distance(side === "left" ? times(m, x) : times(x, m), b)).toBeLessThan(1e-13 * Math.max(1, largest(x)))
          const v = tensorOf([1, 2, 3])
          const y = tensorOf(dataOf(triangularSolve(t, v, { lower, transposed, unitDiagonal, side })).map((n) => [n]))
          expect(distance(times(side === "left" ? m : swap(m), y), v)).toBeLessThan(1e-13 * Math.max(1, largest(y)))
        }
})

describe("what is singular, indefinite or not finite says so, in its own matrix alone", () => {
  const good = [
    [4, 1],
    [1, 3],
  ]
  const bad = {
    zero: [[0, 0], [0, 0]],
    singular: [[1, 2], [2, 4]],
    indefinite: [[1, 2], [2, 1]],
    nan: [[Number.NaN, 1], [1, 2]],
    infinite: [[1, Number.POSITIVE_INFINITY], [Number.POSITIVE_INFINITY, 2]],
  } // biome-ignore format: rows
  const b = tensorOf([[1], [2]])
  const all: Readonly<Record<string, (a: Tensor) => Unchecked>> = {
    cholesky,
    det,
    inv,
    logdet,
    lu: (a) => lu(a).packed,
    lstsq: (a) => lstsq(a, b),
    qr: (a) => qr(a).q,
    eigh: (a) => eigh(a).vectors,
    slogdet: (a) => slogdet(a).logabs,
    solve: (a) => solve(a, b),
  }
  test.each(Object.keys(all))("%s leaves the others of a batch as they are, to the bit", (name) => {
    const f = all[name] as (a: Tensor) => Unchecked
    const alone = dataOf(f(tensorOf(good)))
    for (const other of Object.values(bad)) {
      const both = dataOf(f(tensorOf([other, good])))
      expect(both.slice(both.length / 2)).toEqual(alone)
    }
  })
  test("results", () => {
    const nan = Number.NaN
    for (const name of ["zero", "singular", "indefinite", "nan", "infinite"] as const) {
      expect(dataOf(cholesky(tensorOf(bad[name])))).toEqual([nan, 0, nan, nan])
      expect(dataOf(logdet(tensorOf(bad[name])))).toEqual([nan])
    }
    for (const name of ["zero", "singular"] as const) {
      const { sign, logabs } = slogdet(tensorOf(bad[name]))
      expect([...dataOf(sign), ...dataOf(logabs)].map((x) => x + 0)).toEqual([0, Number.NEGATIVE_INFINITY])
      expect(dataOf(det(tensorOf(bad[name]))).map((x) => x + 0)).toEqual([0])
      expect(dataOf(solve(tensorOf(bad[name]), b)).some((x) => !Number.isFinite(x))).toBe(true)
    }
    expect(dataOf(slogdet(tensorOf(bad.nan)).sign)).toEqual([nan])
    for (const name of ["nan", "infinite"] as const) expect(dataOf(eigh(tensorOf(bad[name])).values)).toEqual([nan, nan])
  })
  test("shapes that do not fit are refused in words", () => {
    const wide = tensorOf([[1, 2]])
    for (const f of [cholesky, det, inv, logdet, lu, slogdet, eigh, (a: Tensor) => solve(a, b), (a: Tensor) => triangularSolve(a, b)])
      expect(() => f(wide)).toThrow(/square/)
    expect(() => qr(wide)).toThrow(/rows/)
    expect(() => lstsq(tensorOf(good), tensorOf([1, 2, 3]))).toThrow(/lstsq/)
    expect(() => solve(tensorOf(good), tensorOf([1, 2, 3]))).toThrow(/right sides/)
  })
})

describe.each<TargetName>(["wasm", "wasm:f64", "gpu:cpu"])("on %s", (target) => {
  test("everything is what the interpreter gives", async () => {
    const m = tensorOf([
      [[4, 1, -1], [1, 3, 0.5], [-1, 0.5, 6]],
      [[1, 2, 0], [5, -1, 1], [0, 1, 4]],
    ]) // biome-ignore format: rows
    const b = tensorOf([[1], [2], [3]])
    const f = (a: Tensor) => {
      const spd = add(times(a, swap(a)), eye(3)) as Tensor
      const [{ packed, permutation }, { q, r }, { values, vectors }] = [lu(a), qr(a), eigh(spd)]
      return { l: cholesky(spd), packed, permutation, q, r, values, vectors, x: solve(a, b), logabs: slogdet(a).logabs }
    }
    const expected = right(evaluate(f(m)))
    const found = right(await compile(f, { target })(m)())
    const tolerance = (target === "wasm:f64" ? 2 ** -52 : 2 ** -23) * 2 ** 8 // condition numbers below 2^5, a few roundings an element
    for (const [name, value] of Object.entries(expected)) {
      const [e, g] = [toArray(value as Tensor), toArray((found as Readonly<Record<string, Unchecked>>)[name] as Tensor)]
      const scale = Math.max(...Array.from(e, Math.abs), 1)
      e.forEach((x, i) => {
        expect(Math.abs(x - (g[i] as number)), `${name}[${i}]`).toBeLessThanOrEqual(tolerance * scale)
      })
    }
  })
})
