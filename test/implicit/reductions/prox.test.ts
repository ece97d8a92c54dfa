/** Proximal maps: optimal by their subgradients, derivatives by closed forms, kinks as chosen. */
import { describe, expect, test } from "vitest"
import { grad, type Tensor } from "../../../src/core/index.js"
import { proxElasticNet, proxGroupL2, proxL1, proxNonnegative, proxSquaredL2 } from "../../../src/implicit/index.js"
import { dot, sum, tanh } from "../../../src/ops/index.js"
import { numbers, relativeError } from "../../support/outcome.js"
import { draws, jacobianIs, s, sameOnTargets, secondDerivatives, t } from "./support.js"

const norm1 = (z: readonly number[]) => z.reduce((a, v) => a + Math.abs(v), 0)
const squares = (z: readonly number[]) => z.reduce((a, v) => a + v * v, 0)

const maps: Readonly<Record<string, readonly [(v: Tensor) => Tensor, (z: readonly number[]) => number]>> = {
  l1: [(v) => proxL1(v, 0.5), (z) => 0.5 * norm1(z)],
  "l1, a weight an element": [
    (v) => proxL1(v, t([0.1, 0.7, 0, 0.3])),
    (z) => norm1(z.map((v, i) => v * ([0.1, 0.7, 0, 0.3][i] as number))),
  ],
  "squared l2": [(v) => proxSquaredL2(v, 0.5), (z) => 0.25 * squares(z)],
  "elastic net": [(v) => proxElasticNet(v, 0.3, 0.5), (z) => 0.3 * norm1(z) + 0.25 * squares(z)],
  "group l2": [(v) => proxGroupL2(v, 0.8), (z) => 0.8 * Math.sqrt(squares(z))],
  nonnegative: [(v) => proxNonnegative(v, 0.2), (z) => (z.some((v) => v < 0) ? Number.POSITIVE_INFINITY : 0.2 * norm1(z))],
}

describe.each(Object.entries(maps))("%s", (_, [prox, psi]) => {
  test("no z has a smaller psi(z) + |z - v|^2 / 2", () => {
    const next = draws(3)
    for (let k = 0; k < 10; k++) {
      const v = next(4)
      const of = (z: readonly number[]) => psi(z) + 0.5 * squares(z.map((x, i) => x - (v[i] as number)))
      const p = numbers(prox(t(v)))
      for (const size of [1, 1e-2, 1e-4])
        for (let j = 0; j < 10; j++) {
          const d = next(4)
          const tried = p.map((x, i) => x + size * (d[i] as number))
          const allowed = psi(tried) === Number.POSITIVE_INFINITY ? tried.map(Math.abs) : tried
          expect(of(allowed)).toBeGreaterThanOrEqual(of(p) - 1e-15)
        }
    }
  })

  test("value and gradient are the same on the targets, and NaN shows", async () => {
    await sameOnTargets((v: Tensor) => dot(tanh(prox(v)), t([1, -2, 3, 0.5])) as Tensor<[]>, t([1.3, -0.4, 0.9, -1.1]))
    expect(numbers(prox(t([Number.NaN, 1, 2, 3])))[0]).toBeNaN()
  })
})

describe("derivatives", () => {
  test("C23: soft threshold, J = diag(1, 0, 1) and -sign(v) in the weight", () => {
    jacobianIs(
      (v) => proxL1(v, 1),
      [3, -0.5, -1.2],
      [
        [1, 0, 0],
        [0, 0, 0],
        [0, 0, 1],
      ],
    )
    expect(numbers(grad((w: Tensor) => dot(proxL1(t([3, -0.5, -1.2]), w), t([1, 10, 100])))(s(1) as Tensor))).toEqual([-1 + 100])
  })

  test("0 at the kinks", () => {
    jacobianIs(
      (v) => proxL1(v, 1),
      [1, -1],
      [
        [0, 0],
        [0, 0],
      ],
    )
    jacobianIs(
      (v) => proxL1(v, 0),
      [0, 2],
      [
        [0, 0],
        [0, 1],
      ],
    )
    jacobianIs(
      (v) => proxGroupL2(v, 5),
      [3, 4],
      [
        [0, 0],
        [0, 0],
      ],
    )
    jacobianIs(
      (v) => proxGroupL2(v, 1),
      [0, 0],
      [
        [0, 0],
        [0, 0],
      ],
    )
    jacobianIs(
      (v) => proxNonnegative(v, 1),
      [1, 2],
      [
        [0, 0],
        [0, 1],
      ],
    )
  })

  test("elastic net: 1/(1 + l2) where anything is left", () =>
    jacobianIs(
      (v) => proxElasticNet(v, 1, 1),
      [3, -0.5],
      [
        [0.5, 0],
        [0, 0],
      ],
    ))

  test("group l2: I - (w/|v|)(I - v v'/|v|^2), and its second derivative", () => {
    const [v, w] = [[3, 4], 2]
    jacobianIs(
      (x) => proxGroupL2(x, w),
      v,
      v.map((a, i) => v.map((c, j) => (i === j ? 1 : 0) - (w / 5) * ((i === j ? 1 : 0) - (a * c) / 25))),
    )
    // of -w v_1/|v| along e_2 twice: -w v_1 (2 v_2^2 - v_1^2)/|v|^5
    for (const found of secondDerivatives((x) => dot(proxGroupL2(x, w), t([1, 0])), v, [0, 1], [0, 1]))
      expect(found).toBeCloseTo((-2 * 3 * (2 * 16 - 9)) / 5 ** 5, 13)
    const rows = numbers(
      proxGroupL2(
        t([
          [3, 4],
          [0.6, 0.8],
        ]),
        2.5,
      ),
    )
    expect(relativeError([1.5, 2, 0, 0], rows)).toBeLessThan(1e-15)
  })

  test("squared l2: -v/(1 + w)^2 in the weight", () =>
    expect(numbers(grad((w: Tensor) => sum(proxSquaredL2(t([3, 6]), w)))(s(2) as Tensor))[0]).toBeCloseTo(-1, 14))

  test("group l2 needs an axis", () =>
    expect(() => proxGroupL2(s(1), 1)).toThrow(/proxGroupL2: expected vectors on a last axis, found float\[\]/))
})
