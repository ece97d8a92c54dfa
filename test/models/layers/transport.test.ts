/** Sinkhorn and soft k-means: against plain loops run to the end, marginals, equivariance of gradients, differences. */
import { describe, expect, it, test } from "vitest"
import { grad, type Tensor, tensor, vjp } from "../../../src/core/index.js"
import { anderson, perRow, picard } from "../../../src/implicit/index.js"
import { sinkhorn, softKMeans } from "../../../src/models/layers/index.js"
import { cos, dot, key, mul, reshape, take } from "../../../src/ops/index.js"
import { numbers, relativeError } from "../../support/outcome.js"
import { context, draw, nested } from "./support.js"

type Matrix = readonly (readonly number[])[]
const tight = { atol: 1e-14, rtol: 1e-14 }
const solver = perRow(anderson(tight))
const picked = (x: Tensor, at: readonly number[], axis: number): Tensor => take(x, tensor([...at], "int"), axis) as Tensor
/** A loss in which every number counts, its own way. */
const loss = (y: Tensor): Tensor<[]> => dot(reshape(y, [-1]) as Tensor, reshape(cos(mul(y, 3)), [-1]) as Tensor)
const slopes = (f: (x: readonly number[]) => number, x: readonly number[], h = 1e-5) =>
  x.map((v, i) => (f(x.with(i, v + h)) - f(x.with(i, v - h))) / (2 * h))
const lossByHand = (y: readonly number[]) => y.reduce((a, v) => a + v * Math.cos(3 * v), 0)

describe("sinkhorn", () => {
  const layer = sinkhorn({ epsilon: 0.5, solver })
  const cost = draw(1, 2, 3, 4)
  const plan = (c: Tensor) => layer.apply(null, c, context)

  const byHand = (C: Matrix): Matrix => {
    const K = C.map((row) => row.map((c) => Math.exp(-c / 0.5)))
    let [u, v] = [C.map(() => 1), (C[0] as readonly number[]).map(() => 1)]
    for (let k = 0; k < 500; k++) {
      v = v.map((_, j) => 1 / v.length / K.reduce((a, row, i) => a + (row[j] as number) * (u[i] as number), 0))
      u = u.map((_, i) => 1 / u.length / (K[i] as readonly number[]).reduce((a, k, j) => a + k * (v[j] as number), 0))
    }
    return K.map((row, i) => row.map((k, j) => k * (u[i] as number) * (v[j] as number)))
  }

  it("is the limit of scaling rows and columns, with the marginals right", () => {
    expect(relativeError(nested<readonly Matrix[]>(cost).map(byHand).flat(2), numbers(plan(cost)))).toBeLessThan(1e-12)
    for (const p of nested<readonly Matrix[]>(plan(cost))) {
      for (const row of p) expect(row.reduce((a, b) => a + b)).toBeCloseTo(1 / 3, 12)
      for (const j of [0, 1, 2, 3]) expect(p.reduce((a, row) => a + (row[j] as number), 0)).toBeCloseTo(1 / 4, 12)
    }
  })

  it("has the gradient of differences of the loops (item 6: cvxpylayers 120)", () => {
    const C = nested<readonly Matrix[]>(cost)[0] as Matrix
    const f = (x: readonly number[]) => lossByHand(byHand([0, 1, 2].map((i) => x.slice(4 * i, 4 * i + 4))).flat())
    const found = numbers(grad((c: Tensor) => loss(plan(c)))(tensor([C] as never) as Tensor))
    expect(relativeError(slopes(f, C.flat()), found)).toBeLessThan(1e-8)
  })

  it("a cost added to a row or a column changes nothing: its gradient sums to 0 over each", () => {
    for (const g of nested<readonly Matrix[]>(grad((c: Tensor) => loss(plan(c)))(cost) as Tensor)) {
      for (const row of g) expect(row.reduce((a, b) => a + b)).toBeCloseTo(0, 12)
      for (const j of [0, 1, 2, 3]) expect(g.reduce((a, row) => a + (row[j] as number), 0)).toBeCloseTo(0, 12)
    }
  })

  it("names a wrong shape", () => expect(() => plan(draw(1, 2, 3))).toThrow(/sinkhorn: expected costs \[B, N, M\], found float\[2, 3\]/))
})

describe("softKMeans", () => {
  const layer = softKMeans(2, 2, { sharpness: 2, solver })
  const params = layer.init(key(2))
  const x = draw(3, 1, 6, 2)

  const byHand = (X: Matrix, start: Matrix, sharpness: number): Matrix => {
    let c = start
    for (let k = 0; k < 2000; k++) {
      const weights = X.map((p) => {
        const e = c.map((q) => Math.exp(-sharpness * q.reduce((a, v, d) => a + (v - (p[d] as number)) ** 2, 0)))
        const total = e.reduce((a, b) => a + b)
        return e.map((v) => v / total)
      })
      c = c.map((q, k) => {
        const mass = weights.reduce((a, w) => a + (w[k] as number), 0)
        return q.map((_, d) => X.reduce((a, p, n) => a + (weights[n]?.[k] as number) * (p[d] as number), 0) / mass)
      })
    }
    return c
  }
  const start = nested<Matrix>(params.initial)
  const X = nested<readonly Matrix[]>(x)[0] as Matrix

  it("is the limit of assigning and averaging, and its centres are apart", () => {
    const c = byHand(X, start, 2)
    expect(Math.abs((c[0]?.[0] as number) - (c[1]?.[0] as number))).toBeGreaterThan(0.1)
    expect(relativeError(c.flat(), numbers(layer.apply(params, x, context)))).toBeLessThan(1e-12)
  })

  it("has the gradient of differences of the loops, in points and sharpness; none in where it starts", () => {
    const { params: p, x: points } = grad((all: { readonly params: typeof params; readonly x: Tensor }) =>
      loss(layer.apply(all.params, all.x, context)),
    )({ params, x }) as { readonly params: typeof params; readonly x: Tensor }
    const inPoints = slopes(
      (v) =>
        lossByHand(
          byHand(
            X.map((_, i) => v.slice(2 * i, 2 * i + 2)),
            start,
            2,
          ).flat(),
        ),
      X.flat(),
    )
    const inSharpness = slopes((v) => lossByHand(byHand(X, start, Math.exp(v[0] as number)).flat()), [Math.log(2)])
    expect(relativeError([...inPoints, ...inSharpness], numbers([points, p.logSharpness]))).toBeLessThan(1e-7)
    expect(numbers(p.initial)).toEqual([0, 0, 0, 0])
  })

  describe("L25: permutations", () => {
    const [points, clusters] = [
      [3, 0, 5, 1, 4, 2],
      [1, 0],
    ]
    const u = draw(9, 1, 2, 2)
    const pulled = (initial: Tensor, at: Tensor, ct: Tensor) =>
      vjp((v: Tensor) => layer.apply({ ...params, initial }, v, context), at)[1](ct)[0] as Tensor
    const base = numbers(pulled(params.initial, x, u))

    it("of initial centres permute the centres, and leave the gradients of permuted cotangents", () => {
      const initial = picked(params.initial, clusters, 0)
      const permuted = numbers(layer.apply({ ...params, initial }, x, context))
      expect(relativeError(numbers(picked(layer.apply(params, x, context), clusters, 1)), permuted)).toBeLessThan(1e-12)
      expect(relativeError(base, numbers(pulled(initial, x, picked(u, clusters, 1))))).toBeLessThan(1e-11)
    })

    it("of points change nothing, and permute the gradients", () => {
      const moved = picked(x, points, 1)
      expect(relativeError(numbers(layer.apply(params, x, context)), numbers(layer.apply(params, moved, context)))).toBeLessThan(1e-12)
      expect(
        relativeError(numbers(picked(pulled(params.initial, x, u), points, 1)), numbers(pulled(params.initial, moved, u))),
      ).toBeLessThan(1e-11)
    })
  })

  test("the solver does not matter", () => {
    const by = softKMeans(2, 2, { sharpness: 2, solver: perRow(picard({ ...tight, maxEvaluations: 4000 })) })
    const of = (l: typeof layer) => numbers(grad((v: Tensor) => loss(l.apply(params, v, context)))(x))
    expect(relativeError(of(by), of(layer))).toBeLessThan(1e-11)
  })

  it("names wrong shapes", () => {
    expect(() => layer.apply(params, draw(1, 6, 2), context)).toThrow(/softKMeans: expected points \[B, N, 2\], found float\[6, 2\]/)
    expect(() => layer.apply(params, draw(1, 1, 6, 3), context)).toThrow(/softKMeans: expected 2 features/)
  })
})
