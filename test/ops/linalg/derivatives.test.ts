/** First and second derivatives on rows, by closed forms that another library's inverse gives, on the targets that users run. */
import { inverse, Matrix } from "ml-matrix"
import { describe, expect, test } from "vitest"
import { compile, grad, type TargetName, type Tensor, tensor, toArray } from "../../../src/core/index.js"
import { cholesky, hvp, inv, logdet, mul, slogdet, solve, sum, triangularSolve, vmap } from "../../../src/ops/index.js"
import { right } from "../../support/either.js"

const N = 5
const ROWS = 3

/** Multiples of 1/16 in [-1/2, 1/2] from a seed. */
const random = (seed: number): Matrix =>
  new Matrix(
    Array.from({ length: N }, (_, i) => Array.from({ length: N }, (_x, j) => (((seed + 7 * i + 11 * j + 3 * i * j * seed) % 17) - 8) / 16)),
  )

/** Rows in another order, and far from singular: the pivots are not on the diagonal. Condition numbers are below 2^4. */
const general = (seed: number): Matrix => {
  const m = random(seed)
  for (let i = 0; i < N; i++) m.set(i, (i + 2) % N, 4 + i / 4)
  return m
}
const definite = (seed: number): Matrix => random(seed).mmul(random(seed).transpose()).add(Matrix.eye(N, N))
const triangle = (seed: number): Matrix => {
  const m = lower(random(seed))
  for (let i = 0; i < N; i++) m.set(i, i, 2 - i / 4)
  return m
}
const lower = (m: Matrix): Matrix => new Matrix(m.to2DArray().map((row, i) => row.map((x, j) => (j <= i ? x : 0))))
const symmetric = (m: Matrix): Matrix => Matrix.add(m, m.transpose()).mul(0.5)
const minus = (...factors: readonly Matrix[]): Matrix => factors.reduce((a, b) => a.mmul(b)).mul(-1)

interface Case {
  readonly matrix: (seed: number) => Matrix
  readonly f: (a: Tensor, w: Tensor) => Tensor
  readonly gradient: (a: Matrix, w: Matrix) => Matrix
  /** The derivative of that gradient as A moves along V: products and A^-1 are all that it has, d A^-1 = -A^-1 V A^-1. */
  readonly second: (a: Matrix, w: Matrix, v: Matrix) => Matrix
}

const total = (w: Tensor, x: Tensor): Tensor => sum(mul(w, x)) as Tensor
/** The gradient of tr(W' A^-1): -A^-T W A^-T. */
const ofInverse = (a: Matrix, w: Matrix): Matrix => minus(inverse(a).transpose(), w, inverse(a).transpose())
const ofInverseTwice = (a: Matrix, w: Matrix, v: Matrix): Matrix => {
  const t = inverse(a).transpose()
  const moved = minus(t, v.transpose(), t)
  return Matrix.add(minus(moved, w, t), minus(t, w, moved))
}

const cases: Readonly<Record<string, Case>> = {
  inv: { matrix: general, f: (a, w) => total(w, inv(a)), gradient: ofInverse, second: ofInverseTwice },
  // x = A^-1 b with b = W, and the sum of squares of x is not linear in A^-1: tr(W' A^-T A^-1 W)
  solve: {
    matrix: general,
    f: (a, w) => {
      const x = solve(a, w)
      return total(x, x)
    },
    gradient: (a, w) => {
      const x = inverse(a).mmul(w)
      return minus(inverse(a).transpose(), x, x.transpose()).mul(2)
    },
    second: (a, w, v) => {
      const [i, t] = [inverse(a), inverse(a).transpose()]
      const x = i.mmul(w)
      const [dx, dt] = [minus(i, v, x), minus(t, v.transpose(), t)]
      const sumOf = Matrix.add(minus(dt, x, x.transpose()), minus(t, dx, x.transpose()))
      return Matrix.add(sumOf, minus(t, x, dx.transpose())).mul(2)
    },
  },
  slogdet: {
    matrix: general,
    f: (a) => slogdet(a).logabs,
    gradient: (a) => inverse(a).transpose(),
    second: (a, _w, v) => minus(inverse(a).transpose(), v.transpose(), inverse(a).transpose()),
  },
  logdet: {
    matrix: definite,
    f: (a) => logdet(a),
    gradient: (a) => inverse(a),
    second: (a, _w, v) => minus(inverse(a), symmetric(v), inverse(a)),
  },
  triangularSolve: {
    matrix: triangle,
    f: (a, w) => total(w, triangularSolve(a, tensor(Matrix.eye(N, N).to2DArray()) as Tensor)),
    gradient: (a, w) => lower(ofInverse(a, w)),
    second: (a, w, v) => lower(ofInverseTwice(a, w, lower(v))),
  },
}

const seeds = Array.from({ length: ROWS }, (_, i) => i + 2)
const stacked = (matrices: readonly Matrix[]): Tensor => tensor(matrices.map((m) => m.to2DArray())) as Tensor

describe.each<readonly [TargetName, number]>([
  ["interpreter", 2 ** -52],
  ["wasm:f64", 2 ** -52],
  ["wasm", 2 ** -23],
])("on %s", (target, eps) => {
  test.each(Object.entries(cases))("%s", async (_name, { matrix, f, gradient, second }) => {
    const both = (a: Tensor, w: Tensor, v: Tensor) => {
      const of = (x: Tensor) => f(x, w) as Tensor<[]>
      return [grad(of)(a), hvp(of)(a, v)] as const
    }
    const [as, ws, vs] = [seeds.map(matrix), seeds.map((s) => random(s + 5)), seeds.map((s) => random(s + 9))] as const
    const rows = (a: Tensor, w: Tensor, v: Tensor) => vmap(both)(a, w, v)
    const found = right(await compile(rows, { target })(stacked(as), stacked(ws), stacked(vs))()) as readonly Tensor[]
    const expected = [as.map((a, i) => gradient(a, ws[i] as Matrix)), as.map((a, i) => second(a, ws[i] as Matrix, vs[i] as Matrix))]
    expected.forEach((list, k) => {
      const numbers = list.flatMap((m) => m.to1DArray())
      const scale = Math.max(...numbers.map(Math.abs))
      expect(scale).toBeGreaterThan(2 ** -8)
      // condition numbers below 2^5, which the second derivative meets three times; the rest are roundings of sums of 5 terms
      const tolerance = eps * 2 ** (k === 0 ? 10 : 13) * scale
      const data = toArray(found[k] as Tensor)
      numbers.forEach((x, i) => {
        expect(Math.abs((data[i] as number) - x), `${k === 0 ? "gradient" : "second"} [${i}]`).toBeLessThanOrEqual(tolerance)
      })
    })
  })

  test("a matrix of the batch that is not definite, or singular, is marked, and the others are not touched", async () => {
    const good = definite(2)
    const indefinite = Matrix.sub(Matrix.eye(N, N), Matrix.eye(N, N).mul(2))
    const batch = stacked([good, indefinite, new Matrix(N, N)])
    const of = (a: Tensor) => [cholesky(a), slogdet(a).logabs, vmap(grad((x: Tensor) => logdet(x) as Tensor<[]>))(a)] as const
    const [l, logs, gradients] = right(await compile(of, { target })(batch)()).map((t) => [...toArray(t as Tensor)])
    const below = Array.from({ length: N * N }, (_, i) => i % N <= Math.floor(i / N))
    for (const bad of [1, 2]) {
      const part = l?.slice(bad * N * N, (bad + 1) * N * N) ?? []
      expect(part.map((x) => Number.isNaN(x))).toEqual(below)
      expect(gradients?.slice(bad * N * N, (bad + 1) * N * N).some((x) => Number.isFinite(x))).toBe(false)
    }
    expect(logs?.slice(1)).toEqual([0, Number.NEGATIVE_INFINITY])
    const expected = inverse(good).to1DArray()
    expected.forEach((x, i) => {
      expect(Math.abs((gradients?.[i] ?? Number.NaN) - x)).toBeLessThanOrEqual(eps * 2 ** 10)
    })
  })
})
