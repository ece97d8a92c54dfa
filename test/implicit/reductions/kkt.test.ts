/** Constrained minima: closed forms, derivatives of every order, degenerate constraints refused, and why Fischer's function. */
import { describe, expect, it, test } from "vitest"
import { grad, type Tensor } from "../../../src/core/index.js"
import { kkt, newton, newtonKrylov, root } from "../../../src/implicit/index.js"
import { fischer } from "../../../src/implicit/reductions/complementarity.js"
import { add, dot, einsum, indexAxis, log, mul, neg, square, sub, sum } from "../../../src/ops/index.js"
import { numbers, outcome, relativeError } from "../../support/outcome.js"
import { draws, jacobianIs, s, sameOnTargets, secondDerivatives, t } from "./support.js"

const tight = newton({ atol: 1e-14, rtol: 1e-14 })
const nearest = (p: Tensor, solver = tight) =>
  kkt({ objective: (x: Tensor) => sum(square(sub(x, p))), inequality: (x) => sub(sum(x), 1) as Tensor }, t([0, 0]), solver)

describe("the nearest point of a half plane", () => {
  it("beyond the bound: on it, with a force", () => {
    expect(relativeError([1, 0, 2], numbers([nearest(t([2, 1])).x, nearest(t([2, 1])).mu]))).toBeLessThan(1e-11)
    jacobianIs(
      (p) => nearest(p).x,
      [2, 1],
      [
        [0.5, -0.5],
        [-0.5, 0.5],
      ],
    )
    jacobianIs((p) => mul(nearest(p).mu, t([1])) as Tensor, [2, 1], [[1, 1]])
  })

  it("inside: itself, and no force", () => {
    const { x, nu, mu } = nearest(t([0.2, 0.1]))
    expect(relativeError([0.2, 0.1, 0], numbers([x, mu]))).toBeLessThan(1e-13)
    expect(nu).toBeNull()
    jacobianIs(
      (p) => nearest(p).x,
      [0.2, 0.1],
      [
        [1, 0],
        [0, 1],
      ],
    )
  })

  it.each([newton(), tight, newtonKrylov()])("on the bound with no force: a value, and no derivative", (solver) => {
    expect(relativeError([0.6, 0.4], numbers(nearest(t([0.6, 0.4]), solver).x))).toBeLessThan(1e-6)
    const refused = outcome(grad((p: Tensor) => sum(nearest(p, solver).x))(t([0.6, 0.4]))).refused
    expect(refused).toMatchObject([{ site: "kkt'", status: "Singular" }])
  })

  it("close to that, on either side, there is one again", () => {
    jacobianIs(
      (p) => nearest(p).x,
      [0.6 + 1e-6, 0.4],
      [
        [0.5, -0.5],
        [-0.5, 0.5],
      ],
      1e-9,
    )
    jacobianIs(
      (p) => nearest(p).x,
      [0.6 - 1e-6, 0.4],
      [
        [1, 0],
        [0, 1],
      ],
      1e-9,
    )
  })
})

describe("C26: the most probable distribution with an entropy is the softmax", () => {
  const found = (z: Tensor) =>
    kkt(
      { objective: (p: Tensor) => sub(dot(p, log(p)), dot(z, p)) as Tensor<[]>, equality: (p) => sub(sum(p), 1) as Tensor },
      t([0.2, 0.3, 0.5]),
      tight,
    )
  const p = [0.09003057317038046, 0.2447284710547977, 0.6652409557748219]

  it("in value, first and second derivative", () => {
    expect(relativeError(p, numbers(found(t([1, 2, 3])).x))).toBeLessThan(1e-13)
    jacobianIs(
      (z) => found(z).x,
      [1, 2, 3],
      p.map((a, i) => p.map((b, j) => (i === j ? a : 0) - a * b)),
      1e-12,
    )
    // d^2 p_1 / dz_2 dz_3 = 2 p_1 p_2 p_3
    const first = (z: Tensor) => indexAxis(found(z).x, 0, 0)
    for (const second of secondDerivatives(first, [1, 2, 3], [0, 1, 0], [0, 0, 1]))
      expect(second / (2 * (p[0] as number) * (p[1] as number) * (p[2] as number))).toBeCloseTo(1, 11)
  })
})

test("constraints in trees, both kinds, curved: derivatives by differences of the problem solved again", () => {
  interface Point {
    readonly u: Tensor<[]>
    readonly v: Tensor
  }
  const found = (p: Tensor) =>
    kkt(
      {
        objective: ({ u, v }: Point) => add(sum(square(sub(v, p))), square(add(u, 1))) as Tensor<[]>,
        equality: ({ u, v }) => ({ circle: sub(add(square(u), sum(square(v))), 4) as Tensor }),
        inequality: ({ u, v }) => [sub(0.5, u) as Tensor, sub(v, t([5, 0.75])) as Tensor] as const,
      },
      { u: s(1), v: t([1, 1]) },
      tight,
    )
  const p = [1.5, 2]
  const { x, nu, mu } = found(t(p))
  const [u, v1, v2, circle, least, free, bound] = numbers([x, nu.circle, mu]) as [number, number, number, number, number, number, number]
  // the last constraint and the bound on u are active: u = 1/2, v2 = 3/4, v1 from the circle
  expect(relativeError([0.5, Math.sqrt(4 - 0.25 - 0.5625), 0.75], [u, v1, v2])).toBeLessThan(1e-12)
  expect(free).toBeCloseTo(0, 12)
  expect(Math.min(least, bound)).toBeGreaterThan(0.1)
  // stationary: 2(v1 - p1) + 2 nu v1 = 0
  expect(circle).toBeCloseTo(((p[0] as number) - v1) / v1, 11)
  const all = (p: Tensor) => {
    const { mu, nu } = found(p)
    return add(add(nu.circle, mul(mu[0], 2)), dot(mu[1], t([1, 3]))) as Tensor<[]>
  }
  const gradient = numbers(grad(all)(t(p)))
  const h = 1e-5
  const differences = p.map((_, i) => {
    const at = (d: number) => numbers(all(t(p.map((q, j) => (i === j ? q + d : q)))))[0] as number
    return (at(h) - at(-h)) / (2 * h)
  })
  expect(relativeError(differences, gradient)).toBeLessThan(1e-8)
})

describe("which equation says complementarity", () => {
  const [n, m] = [4, 5]
  const random = (seed: number) => {
    const next = draws(seed)
    const rows = (k: number) => Array.from({ length: k }, () => next(n))
    const [L, G, q, h] = [t(rows(n)), t(rows(m)), t(next(n).map((v) => 3 * v)), t(next(m).map(Math.abs))]
    const g = (x: Tensor) => sub(einsum("ij,j->i", G, x), h) as Tensor
    const objective = (x: Tensor) =>
      add(add(mul(sum(square(einsum("ij,j->i", L, x))), 0.5), mul(sum(square(x)), 0.05)), dot(q, x)) as Tensor<[]>
    return { g, objective }
  }
  interface Point {
    readonly x: Tensor
    readonly mu: Tensor
  }
  const minima = (complementarity: (mu: Tensor, g: Tensor) => Tensor): number =>
    Array.from({ length: 20 }, (_, k) => {
      const { g, objective } = random(k + 1)
      const { x, mu } = root(
        ({ x, mu }: Point) => ({
          x: neg(grad((x: Tensor) => add(objective(x), dot(mu, g(x))) as Tensor<[]>)(x) as Tensor),
          mu: complementarity(mu, g(x)),
        }),
        { x: t([0, 0, 0, 0]), mu: t([1, 1, 1, 1, 1]) },
        newton({ onFailure: "useBest" }),
      )
      const { values, solves } = outcome([mu, g(x)])
      const [multipliers, constraints] = values as [readonly number[], readonly number[]]
      return solves[0]?.status === "Converged" && multipliers.every((v) => v > -1e-8) && constraints.every((v) => v < 1e-8)
    }).filter(Boolean).length

  it("Fischer's finds the minimum of each of 20 random programs from a fixed start", () => expect(minima(fischer)).toBe(20))
  it("mu g = 0 finds other roots of most of them", () => expect(minima((mu, g) => mul(mu, g) as Tensor)).toBeLessThan(10))
})

test("value and gradient are the same on the targets", () =>
  sameOnTargets((p: Tensor) => dot(nearest(p, newton()).x, t([1, 3])) as Tensor<[]>, t([2, 1])))
