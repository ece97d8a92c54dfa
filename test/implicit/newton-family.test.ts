/** Newton's family: iterates of the reference (shared/reference/solver-iterates.txt), and theorems on random maps. */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type Tensor, tensor } from "../../src/core/index.js"
import { chord, dogleg, levenbergMarquardt, newton, pseudoTransient, type Solver, solveFixedPoint } from "../../src/implicit/index.js"
import { doglegStep } from "../../src/implicit/solvers/dogleg.js"
import { algorithmOf } from "../../src/implicit/solvers/index.js"
import { dampedStep } from "../../src/implicit/solvers/levenberg-marquardt.js"
import { add, concat, div, indexAxis, mul, reshape, sqrt, square, sub, tanh } from "../../src/ops/index.js"
import { affine, apply } from "../support/contraction.js"
import { drive, points } from "../support/drive.js"
import { numbers, outcome, relativeError } from "../support/outcome.js"

const few = { numRuns: 8 }
const entry = fc.integer({ min: -16, max: 16 }).map((n) => n / 16)
const vector = (n: number) => fc.array(entry, { minLength: n, maxLength: n })
const matrix = (n: number, scale: number) =>
  fc.array(
    vector(n).map((r) => r.map((x) => x * scale)),
    { minLength: n, maxLength: n },
  )
const leaf = (x: readonly unknown[]) => tensor(x as never) as Tensor

const turns = (solver: Solver, f: (z: Tensor) => Tensor, start: readonly number[], count: number) =>
  drive(algorithmOf(solver.method), f, start, count)
const visited = (solver: Solver, f: (z: Tensor) => Tensor, start: readonly number[], count: number) =>
  points(turns(solver, f, start, count))
const length = (x: readonly number[]) => Math.hypot(...x)
const minus = (a: readonly number[], b: readonly number[]) => a.map((x, i) => x - (b[i] as number))

const pair = (x: Tensor, y: Tensor) => concat([reshape(x, [1]), reshape(y, [1])], 0) as Tensor
const part = (v: Tensor, i: number) => indexAxis(v, 0, i) as Tensor

const searching = newton({ lineSearch: true })
const monotone = [
  ["newton with a line search", searching],
  ["levenbergMarquardt", levenbergMarquardt()],
  ["dogleg", dogleg()],
] as const

describe("iterates of the reference", () => {
  it.each([
    ["newton with a line search", searching],
    ["pseudoTransient, from an infinite step", pseudoTransient({ delta: 1e300 })],
    ["dogleg, within a large radius", dogleg({ radius: 10 })],
  ] as const)("S07 by %s: the steps of Newton", (_, solver) => {
    const circle = (v: Tensor) => {
      const [x, y] = [part(v, 0), part(v, 1)]
      return add(v, pair(sub(add(square(x), square(y)), 4), sub(mul(x, y), 1))) as Tensor
    }
    const expected = [
      [1.93333333333, 0.516666666667],
      [1.9318527411, 0.517637054822],
      [1.93185165258, 0.517638090204],
    ]
    const found = visited(solver, circle, [2, 0.5], 4).slice(1)
    expected.forEach((z, k) => void expect(relativeError(z, found[k] ?? [])).toBeLessThan(1e-11))
  })

  // J'J = diag(1, 10) and J'r = (1, 1)
  const r = [1, 1 / Math.sqrt(10)]
  const bowl = (z: Tensor) => add(z, add(mul(z, leaf([1, Math.sqrt(10)])), leaf(r))) as Tensor
  const a = leaf([
    [-1, 0],
    [0, -Math.sqrt(10)],
  ])
  const leg = (radius: number) => numbers(doglegStep(a, leaf(r), tensor(radius) as Tensor<[]>).d)

  it("S12 dogleg: Cauchy's point, Newton's, and between them", () => {
    const cauchy = [-0.181818181818, -0.181818181818]
    expect(relativeError([-0.476215072143, -0.152378492786], leg(0.5))).toBeLessThan(1e-11)
    expect(relativeError([-1, -0.1], leg(1.00498756212))).toBeLessThan(1e-11)
    expect(relativeError(cauchy, leg(0.257129738613))).toBeLessThan(1e-11)
    // on the way to Cauchy's point
    expect(relativeError([-0.1, -0.1], leg(0.1 * Math.SQRT2))).toBeLessThan(1e-14)
    expect(relativeError([-0.476215072143, -0.152378492786], visited(dogleg({ radius: 0.5 }), bowl, [0, 0], 2)[1] ?? [])).toBeLessThan(
      1e-11,
    )
  })

  it("S13 Levenberg-Marquardt on Rosenbrock's function, damping 1", () => {
    const rosenbrock = (v: Tensor) => {
      const [x, y] = [part(v, 0), part(v, 1)]
      return add(v, pair(sub(x, 1), mul(sub(y, square(x)), 10))) as Tensor
    }
    const [, first] = visited(levenbergMarquardt({ damping: 1 }), rosenbrock, [-1.2, 1], 2)
    expect(relativeError([0.421336760925, -0.565552699229], minus(first ?? [], [-1.2, 1]))).toBeLessThan(1e-11)
  })

  it("Levenberg-Marquardt factors the matrix itself: of the normal equations nothing would be left", () => {
    // all elements of A'A are 1 to rounding
    const d = numbers(
      dampedStep(
        leaf([
          [1, 1],
          [1e-8, 0],
        ]),
        leaf([2, 1e-8]),
        tensor(1e40) as Tensor<[]>,
      ).d,
    )
    expect(relativeError([1, 1], d)).toBeLessThan(1e-7)
  })
})

/** f with f(z) - z = g(z). */
const to = (g: (z: Tensor) => Tensor) => (z: Tensor) => add(z, g(z)) as Tensor
/** 0, and not a number where x is below 0. */
const wall = (x: Tensor) => mul(sqrt(x), 0) as Tensor

describe("the rule of the trust", () => {
  const far = (z: Tensor) => sub(z, 100) as Tensor

  it("a model that is exact multiplies the radius by 3.5", () =>
    expect(relativeError([0, 0.5, 2.25, 8.375], visited(dogleg({ radius: 0.5 }), to(far), [0], 4).flat())).toBeLessThan(1e-14))

  it("a model that is fair leaves it as it is: the change is 0.71 of what was predicted", () => {
    const bent = (z: Tensor) => sub(sub(z, mul(square(z), 0.3)), 10) as Tensor
    expect(relativeError([0, 1, 2], visited(dogleg({ radius: 1 }), to(bent), [0], 3).flat())).toBeLessThan(1e-14)
  })

  it("a refused trial multiplies it by a quarter, and the next one is made from the same point", () => {
    const walled = (z: Tensor) => add(far(z), wall(sub(0.1, z) as Tensor)) as Tensor
    const found = visited(dogleg({ radius: 1 }), to(walled), [0], 5).flat()
    expect(relativeError([0, 1, 0.25, 0.0625, 0.0625 * 4.5], found)).toBeLessThan(1e-14)
  })

  it("a refused step that was shorter than the radius shrinks the radius to below it: no trial is made twice", () => {
    // Newton's step is 2, and leaves the domain
    const walled = (z: Tensor) => add(sub(z, 2), wall(sub(0.6, z) as Tensor)) as Tensor
    expect(visited(dogleg({ radius: 100 }), to(walled), [0], 3).flat()).toEqual([0, 2, 0.5])
  })

  it("of Levenberg-Marquardt is the inverse of the damping", () => {
    const [z1, z2] = [50, 50 + 50 / (1 + 1 / 3.5)]
    const z3 = z2 + (100 - z2) / (1 + 1 / 3.5 ** 2)
    expect(relativeError([0, z1, z2, z3], visited(levenbergMarquardt(), to(far), [0], 4).flat())).toBeLessThan(1e-13)
  })
})

const contorted = (m: readonly (readonly number[])[], c: readonly number[]) => (z: Tensor) =>
  mul(tanh(add(apply(leaf(m), z), leaf(c))), 4) as Tensor

/** A rotation in the plane of the first two axes of three. */
const rotation = (angle: number): Tensor => {
  const [c, s] = [Math.cos(angle), Math.sin(angle)]
  return leaf([
    [c, -s, 0],
    [s, c, 0],
    [0, 0, 1],
  ])
}

describe("laws", () => {
  it.each([
    ["newton with a line search", searching],
    ["chord", chord()],
    ["dogleg, within a large radius", dogleg({ radius: 1e6 })],
  ] as const)("%s solves an affine map in one step: that of Newton", (_, solver) =>
    fc.assert(
      fc.property(matrix(3, 0.5), vector(3), (m, c) => {
        const a = m.map((row, i) => row.map((x, j) => (i === j ? x - 8 : x)))
        const f = affine(leaf(a), leaf(c))
        const [, expected] = visited(newton(), f, [1, 1, 1], 2)
        expect(relativeError(expected ?? [], visited(solver, f, [1, 1, 1], 2)[1] ?? [])).toBeLessThan(1e-12)
      }),
      few,
    ),
  )

  it.each(monotone)("%s: |f(z) - z| never rises from one point it keeps to the next", (_, solver) =>
    fc.assert(
      fc.property(matrix(3, 1), vector(3), (m, c) => {
        const sizes = turns(solver, contorted(m, c), [3, -2, 1], 10)
          .slice(1)
          .map(({ state }) => length(numbers(state.g)))
        sizes.slice(1).forEach((size, k) => void expect(size).toBeLessThanOrEqual(sizes[k] as number))
      }),
      few,
    ),
  )

  it.each([
    ["newton with a line search", searching],
    ["chord", chord()],
    ["levenbergMarquardt", levenbergMarquardt()],
    ["dogleg", dogleg()],
  ] as const)("%s: the steps do not change when the equation is turned", (_, solver) =>
    fc.assert(
      fc.property(matrix(3, 0.3), vector(3), fc.integer({ min: 1, max: 6 }), (m, c, angle) => {
        const g = (z: Tensor) => sub(add(tanh(apply(leaf(m), z)), leaf(c)), z) as Tensor
        const plain = visited(solver, to(g), [0.5, -0.25, 1], 5)
        const turned = visited(
          solver,
          to((z) => apply(rotation(angle), g(z))),
          [0.5, -0.25, 1],
          5,
        )
        plain.forEach((z, k) => void expect(relativeError(z, turned[k] ?? [])).toBeLessThan(1e-9))
      }),
      few,
    ),
  )

  it("pseudoTransient: the step length is delta |g_0| / |g_k|", () =>
    fc.assert(
      fc.property(fc.integer({ min: -8, max: 8 }), fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 6 }), (slope, c, d) => {
        const [a, delta] = [slope / 4, d / 4]
        const g = (z: number) => a * Math.tanh(z) + c - z
        let z = -2
        const expected = [z]
        for (let k = 0; k < 5; k++) {
          z += g(z) / (Math.abs(g(z)) / (delta * Math.abs(g(-2))) - (a * (1 - Math.tanh(z) ** 2) - 1))
          expected.push(z)
        }
        fc.pre(expected.every((x) => Math.abs(x) < 1e3))
        const found = visited(pseudoTransient({ delta }), (x) => add(mul(tanh(x), a), c) as Tensor, [-2], 6).flat()
        expect(relativeError(expected, found)).toBeLessThan(1e-9)
      }),
      few,
    ))
})

const ended = (f: (z: Tensor) => Tensor, start: readonly number[], solver: Solver) => {
  const { z, status, residual, evaluations } = solveFixedPoint(f, leaf(start), { ...solver, onFailure: "useBest" })
  const { values, solves } = outcome([z, status, residual, evaluations])
  return {
    z: values[0] as readonly number[],
    status: solves[0]?.status,
    residual: solves[0]?.residual,
    evaluations: solves[0]?.evaluations,
  }
}

describe("from far away", () => {
  // Newton's step from z is to -z^3
  const flat = (z: Tensor) => sub(z, div(z, sqrt(add(square(z), 1)))) as Tensor
  const start = fc.tuple(fc.integer({ min: 9, max: 160 }), fc.constantFrom(1, -1)).map(([n, sign]) => (sign * n) / 8)

  it("Newton runs off", () =>
    fc.assert(
      // f(z) grows as z does, and with it a relative tolerance
      fc.property(start, (z) => void expect(ended(flat, [z], newton({ rtol: 0 })).status).not.toBe("Converged")),
      few,
    ))

  it.each([...monotone, ["pseudoTransient", pseudoTransient()]] as const)("%s comes to the solution", (_, solver) =>
    fc.assert(
      fc.property(start, (at) => {
        const { z, status } = ended(flat, [at], solver)
        expect(status).toBe("Converged")
        expect(Math.abs(z[0] as number)).toBeLessThan(1e-10)
      }),
      few,
    ),
  )
})

describe("what goes wrong", () => {
  const all = [...monotone, ["chord", chord()], ["pseudoTransient", pseudoTransient()]] as const

  it.each([...monotone, ["chord", chord()]] as const)("%s: Singular where the residual does not depend on the state", (_, solver) =>
    expect(ended((z) => add(z, 1) as Tensor, [0.5], solver)).toMatchObject({ status: "Singular", residual: 1, z: [0.5] }),
  )

  it("pseudoTransient: Singular where the flow runs off at the rate of its step", () => {
    const doubled = (z: Tensor) => mul(z, 2)
    expect(ended(doubled, [0.5], pseudoTransient({ delta: 1 }))).toMatchObject({ status: "Singular", residual: 0.5 })
    expect(ended(doubled, [0.5], pseudoTransient({ delta: 8 }))).toMatchObject({ status: "Converged" })
  })

  it.each(all)("%s: a state of no numbers is its own solution", (_, solver) =>
    expect(ended((z) => mul(z, 2) as Tensor, [], solver)).toMatchObject({ status: "Converged", residual: 0, evaluations: 1 }),
  )

  it.each(all)("%s: NonFinite where the start is not finite", (_, solver) =>
    expect(ended((z) => mul(z, 0.5) as Tensor, [Number.NaN, 1], solver)).toMatchObject({ status: "NonFinite", evaluations: 1 }),
  )

  it.each([
    ["levenbergMarquardt", levenbergMarquardt()],
    ["dogleg", dogleg()],
  ] as const)("%s passes a point where the Jacobian is singular, which ends Newton", (_, solver) => {
    const f = to((v) => {
      const [x, y] = [part(v, 0), part(v, 1)]
      return pair(sub(add(x, y), 3), sub(sub(square(x), y), 1))
    })
    expect(ended(f, [-0.5, 0], newton()).status).toBe("Singular")
    const { z, status } = ended(f, [-0.5, 0], solver)
    expect(status).toBe("Converged")
    const x = z[0] as number
    expect(Math.abs(x * x + x - 4)).toBeLessThan(1e-9)
  })

  it.each(monotone)("%s ends without a solution at the least |f(z) - z|, and does not call it one", (_, solver) => {
    const { z, status, residual } = ended(
      to((z) => add(square(sub(z, 3)), 1) as Tensor),
      [0],
      solver,
    )
    expect(["Stalled", "Singular", "Exhausted"]).toContain(status)
    expect(Math.abs((residual ?? 0) - 1)).toBeLessThan(0.01)
    expect(Math.abs((z[0] as number) - 3)).toBeLessThan(0.1)
  })

  // z = sqrt(z - 0.2) has two solutions; a full step from 0.21 leaves the domain
  it.each(monotone)("%s goes back to where f was finite", (_, solver) => {
    const { z, status } = ended((x) => sqrt(sub(x, 0.2)) as Tensor, [0.21], solver)
    expect(status).toBe("Converged")
    expect(Math.abs((z[0] as number) - Math.sqrt((z[0] as number) - 0.2))).toBeLessThan(1e-10)
  })

  it.each(monotone)("%s: a trial that is refused does not count as divergence, however far it was", (_, solver) => {
    // the full step is to where the residual is a million times the first
    const f = to((z) => sub(mul(mul(z, z), z), 1e-3) as Tensor)
    expect(ended(f, [1e-3], { ...solver, maxEvaluations: 1000 })).toMatchObject({ status: "Converged" })
  })
})
