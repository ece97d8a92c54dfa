/** Projections: the nearest point of the set by the variational inequality, Jacobians by their closed forms, kinks as chosen. */
import { describe, expect, it, test } from "vitest"
import { compile, grad, type Tensor, toArray } from "../../../src/core/index.js"
import { projectAffine, projectBox, projectL1Ball, projectL2Ball, projectNonnegative, projectSimplex } from "../../../src/implicit/index.js"
import { add, dot, jacobian, mul, square, sum, tanh } from "../../../src/ops/index.js"
import { right } from "../../support/either.js"
import { numbers, outcome, relativeError, solveOf } from "../../support/outcome.js"
import { draws, exactSum, jacobianIs, s, sameOnTargets, secondDerivatives, t } from "./support.js"

const N = 5
const A = [
  [1, 2, 0, -1, 0.5],
  [0, 1, 1, 1, -2],
]
const b = [1, -2]
const norm2 = (x: readonly number[]) => Math.sqrt(x.reduce((a, v) => a + v * v, 0))
const norm1 = (x: readonly number[]) => x.reduce((a, v) => a + Math.abs(v), 0)
const times = (x: readonly number[]) => A.map((row) => row.reduce((a, v, i) => a + v * (x[i] as number), 0))

interface Set {
  readonly project: (x: Tensor) => Tensor
  /** A point of the set, from any numbers. */
  readonly point: (x: readonly number[]) => readonly number[]
  /** How far a point is outside. */
  readonly outside: (x: readonly number[]) => number
}

const sets: Readonly<Record<string, Set>> = {
  box: {
    project: (x) => projectBox(x, t([-0.5, 0, 0.1, -0.2, Number.NEGATIVE_INFINITY]), 0.4),
    point: (x) =>
      x.map((v, i) => ([-0.5, 0, 0.1, -0.2, -3][i] as number) + ((0.4 - ([-0.5, 0, 0.1, -0.2, -3][i] as number)) * (v + 1)) / 2),
    outside: (x) => Math.max(...x.map((v, i) => Math.max(v - 0.4, ([-0.5, 0, 0.1, -0.2, Number.NEGATIVE_INFINITY][i] as number) - v))),
  },
  nonnegative: { project: projectNonnegative, point: (x) => x.map(Math.abs), outside: (x) => Math.max(...x.map((v) => -v)) },
  simplex: {
    project: (x) => projectSimplex(x, 1.5),
    point: (x) => x.map((v) => (1.5 * Math.abs(v)) / norm1(x)),
    outside: (x) => Math.max(Math.abs(exactSum(x) - 1.5), ...x.map((v) => -v)),
  },
  "l2 ball": {
    project: (x) => projectL2Ball(x, 0.7),
    point: (x) => x.map((v, _, all) => (0.7 * v * Math.abs(all[0] as number)) / norm2(all)),
    outside: (x) => norm2(x) - 0.7,
  },
  "l1 ball": {
    project: (x) => projectL1Ball(x, 0.7),
    point: (x) => x.map((v, _, all) => (0.7 * v * Math.abs(all[0] as number)) / norm1(all)),
    outside: (x) => norm1(x) - 0.7,
  },
  affine: {
    project: (x) => projectAffine(x, t(A), t(b)),
    // a solution of A x = b, and anything of the null space of A
    point: (x) => {
      const [, , c, d, e] = x as [number, number, number, number, number]
      const second = -2 - c - d + 2 * e
      return [1 - 2 * second + d - 0.5 * e, second, c, d, e]
    },
    outside: (x) => Math.max(...times(x).map((v, i) => Math.abs(v - (b[i] as number)))),
  },
}

describe.each(Object.entries(sets))("%s", (_, { project, point, outside }) => {
  test("p is in the set, and <x - p, y - p> <= 0 for all y of the set: no point is nearer", () => {
    const next = draws(7)
    for (let k = 0; k < 10; k++) {
      const x = next(N).map((v) => 2 * v)
      const p = numbers(project(t(x)))
      expect(outside(p)).toBeLessThan(1e-14)
      for (let j = 0; j < 20; j++) {
        const y = point(next(N))
        expect(outside(y)).toBeLessThan(1e-14)
        expect(x.reduce((a, v, i) => a + (v - (p[i] as number)) * ((y[i] as number) - (p[i] as number)), 0)).toBeLessThan(1e-13)
      }
    }
  })

  test("a point of the set stays where it is", () => {
    const y = point(draws(11)(N))
    numbers(project(t(y))).forEach((v, i) => void expect(v).toBeCloseTo(y[i] as number, 14))
  })

  test("NaN shows", () => {
    const { values, refused } = outcome(project(t([Number.NaN, 0.1, 0.2, 0.3, 0.4])))
    if (refused.length === 0) expect(values[0]?.[0]).toBeNaN()
    else expect(refused[0]?.status).toBe("NonFinite")
  })

  test("value and gradient are the same on the targets", () =>
    sameOnTargets((x: Tensor) => dot(tanh(project(x)), t([1, -2, 3, 0.5, 1])) as Tensor<[]>, t([1.3, -0.4, 0.9, -1.1, 0.6])))
})

describe("derivatives", () => {
  test("box: 1 strictly inside; on a bound and beyond it belongs to the bound", () => {
    const bounds = (x: Tensor) => projectBox(x, s(0), s(1))
    jacobianIs(
      bounds,
      [-1, 0, 0.5, 1],
      [
        [0, 0, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 1, 0],
        [0, 0, 0, 0],
      ],
    )
    const lower = grad((lo: Tensor) => sum(projectBox(t([-1, 0, 0.5, 1]), lo, t([1, 1, 1, 1]))))(t([0, 0, 0, 0]))
    expect(numbers(lower)).toEqual([1, 1, 0, 0])
  })

  test("nonnegative: 0 at 0", () =>
    jacobianIs(
      projectNonnegative,
      [-1, 0, 2],
      [
        [0, 0, 0],
        [0, 0, 0],
        [0, 0, 1],
      ],
    ))

  test("C25: the simplex has diag(s) - s s'/|s|, 1/|s| in the size, and no second derivative", () => {
    jacobianIs(
      projectSimplex,
      [0.6, 0.5, -0.4],
      [
        [0.5, -0.5, 0],
        [-0.5, 0.5, 0],
        [0, 0, 0],
      ],
    )
    const third = 1 / 3
    jacobianIs(
      (x) => projectSimplex(x, 2),
      [0.6, -3, 0.5, 0.9],
      [
        [1 - third, 0, -third, -third],
        [0, 0, 0, 0],
        [-third, 0, 1 - third, -third],
        [-third, 0, -third, 1 - third],
      ],
    )
    expect(numbers(jacobian((r: Tensor<[]>) => projectSimplex(t([0.6, 0.5, -0.4]), r) as Tensor)(s(1)))).toEqual([0.5, 0.5, 0])
    const cubed = (x: Tensor) => sum(mul(projectSimplex(x), square(projectSimplex(x))))
    // p = (.55, .45, 0), J v = (.5, -.5, 0) v1 - ...: sum 6 p (Jv)(Jw)
    for (const found of secondDerivatives(cubed, [0.6, 0.5, -0.4], [1, 0, 3], [0, 1, 2])) expect(found).toBeCloseTo(6 * 0.25 * -1, 13)
  })

  test("an element exactly at the threshold does not count as support", () =>
    jacobianIs(
      projectSimplex,
      [1, 0, -1],
      [
        [0, 0, 0],
        [0, 0, 0],
        [0, 0, 0],
      ],
    ))

  test("l2 ball: (r/|x|)(I - x x'/|x|^2) outside, the identity inside and on the sphere", () => {
    const [x, r] = [[3, 4], 2]
    const outside = x.map((a, i) => x.map((c, j) => (r / 5) * ((i === j ? 1 : 0) - (a * c) / 25)))
    jacobianIs((v) => projectL2Ball(v, r), x, outside)
    jacobianIs((v) => projectL2Ball(v, 5), x, [
      [1, 0],
      [0, 1],
    ])
    jacobianIs(
      projectL2Ball,
      [0, 0],
      [
        [1, 0],
        [0, 1],
      ],
    )
    expect(relativeError([0.6, 0.8], numbers(jacobian((q: Tensor<[]>) => projectL2Ball(t(x), q) as Tensor)(s(2))))).toBeLessThan(1e-15)
    // d^2 of r x_1/|x| along e_2 twice is r x_1 (2 x_2^2 - x_1^2)/|x|^5
    const first = (v: Tensor) => dot(projectL2Ball(v, r), t([1, 0]))
    for (const found of secondDerivatives(first, x, [0, 1], [0, 1])) expect(found).toBeCloseTo((2 * 3 * (2 * 16 - 9)) / 5 ** 5, 13)
  })

  test("l1 ball: signs and simplex outside, the identity inside and on the sphere, finite at 0", () => {
    jacobianIs(
      projectL1Ball,
      [1, -0.8, 0.1],
      [
        [0.5, 0.5, 0],
        [0.5, 0.5, 0],
        [0, 0, 0],
      ],
    )
    jacobianIs(
      projectL1Ball,
      [0.25, -0.75],
      [
        [1, 0],
        [0, 1],
      ],
    )
    jacobianIs(
      projectL1Ball,
      [0, 0],
      [
        [1, 0],
        [0, 1],
      ],
    )
  })

  test("affine: I - A'(A A')^-1 A in x, and smooth in A and b", () => {
    jacobianIs(
      (x) => projectAffine(x, t([[1, 1, 0]]), t([3])),
      [1, 2, 3],
      [
        [0.5, -0.5, 0],
        [-0.5, 0.5, 0],
        [0, 0, 1],
      ],
    )
    expect(
      relativeError([0.5, 0.5, 0], numbers(jacobian((c: Tensor) => projectAffine(t([1, 2, 3]), t([[1, 1, 0]]), c))(t([3])))),
    ).toBeLessThan(1e-15)
    // with A = (a, 1): x - A'(A x - b)/(a^2 + 1) at x = (1, 0), b = 0 is (1/(a^2+1), -a/(a^2+1)); its second derivatives at a = 1
    const inA = (a: Tensor) => dot(projectAffine(t([1, 0]), add(mul(a, t([[1, 0]])), t([[0, 1]])) as Tensor, t([0])), t([1, 1]))
    for (const found of secondDerivatives(inA, [1], [1], [1])) expect(found).toBeCloseTo(1, 13)
    expect(numbers(jacobian(inA as (a: Tensor) => Tensor)(t([1])))[0]).toBeCloseTo(-0.5, 13)
  })
})

describe("the simplex of ten thousand", () => {
  const size = 10_000
  const cases: Readonly<Record<string, (i: number) => number>> = {
    equal: () => 0.3,
    "a spread of 1": (i) => ((i * 7919) % 10_007) / 10_007,
    "a spread of 1e-6 at 1000": (i) => 1000 + (1e-6 * ((i * 7919) % 10_007)) / 10_007,
    "one large, the rest at the threshold": (i) => (i === 0 ? 0 : -1 + 1e-9 * (i % 7)),
  }
  describe.each(Object.entries(cases))("%s", (_, at) => {
    const x = t(Array.from({ length: size }, (_, i) => at(i)))
    it.each([
      ["interpreter", 2 ** -52],
      ["wasm:f64", 2 ** -52],
      ["wasm", 2 ** -23],
    ] as const)("sums to 1 within 4 epsilon on %s (item 28)", async (target, epsilon) => {
      const program = compile((v: Tensor) => projectSimplex(v), { target })
      const p = right(await program(x)()) as Tensor
      program.dispose()
      const values = [...(toArray(p) as Float64Array)]
      expect(Math.min(...values)).toBeGreaterThanOrEqual(0)
      expect(Math.abs(exactSum(values) - 1)).toBeLessThanOrEqual(4 * epsilon)
    })
  })
})

describe("wrong arguments", () => {
  test.each([
    [() => projectSimplex(s(1)), /projectSimplex: expected vectors on a last axis, found float\[\]/],
    [() => projectSimplex(t([1, 2]), 0), /projectSimplex: the size must be above 0, found 0/],
    [() => projectL2Ball(t([1]), -1), /projectL2Ball: the radius must be above 0, found -1/],
    [() => projectL1Ball(t([1]), Number.NaN), /projectL1Ball: the radius must be above 0, found NaN/],
  ])("%#", (call, message) => expect(call).toThrow(message))

  test("rows of an affine set that depend on each other: Singular", () =>
    expect(
      solveOf(
        projectAffine(
          t([1, 2]),
          t([
            [1, 1],
            [2, 2],
          ]),
          t([1, 2]),
        ),
        "projectAffine",
      ).status,
    ).toBe("Singular"))
})
