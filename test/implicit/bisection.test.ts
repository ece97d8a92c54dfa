/** Bisection: the bracket, how it ends, and its derivatives. */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { compile, grad, type Tensor, tensor } from "../../src/core/index.js"
import { bisection, damped, fixedPoint, perRow, type Solver, solveFixedPoint } from "../../src/implicit/index.js"
import { algorithmOf } from "../../src/implicit/solvers/index.js"
import { add, cos, div, exp, indexAxis, log, mul, neg, sqrt, square, sub, sum, vmap } from "../../src/ops/index.js"
import { drive, points } from "../support/drive.js"
import { right } from "../support/either.js"
import { number, numbers, outcome } from "../support/outcome.js"

type Scalar = Tensor<[]>
const scalar = (x: number) => tensor(x) as Scalar
const to = (g: (z: Tensor) => Tensor) => (z: Tensor) => add(z, g(z)) as Tensor
const ended = (g: (z: Tensor) => Tensor, start: number, solver: Solver) => {
  const { z, status } = solveFixedPoint(to(g), tensor([start]) as Tensor, { ...solver, onFailure: "useBest" })
  const { values, solves } = outcome([z, status])
  return { z: values[0]?.[0] as number, ...solves[0] }
}
const dyadic = fc.integer({ min: -64, max: 64 }).map((n) => n / 8)

describe("the bracket", () => {
  it("is tried at the start, at its ends, and then at the middle of the half that changes its sign", () => {
    const cube = (z: Tensor) => sub(mul(square(z), z), 2) as Tensor
    const found = points(drive(algorithmOf(bisection({ low: 0, high: 2 }).method), to(cube), [5], 8)).flat()
    expect(found).toEqual([5, 0, 2, 1, 1.5, 1.25, 1.375, 1.3125])
  })

  it("comes to a root of either slope, wherever it lies, as exactly as halving says", () =>
    fc.assert(
      fc.property(dyadic, fc.constantFrom(1, -1), fc.integer({ min: 1, max: 9 }), (root, sign, width) => {
        const g = (z: Tensor) => mul(sub(z, root + 1 / 3), sign) as Tensor
        const { z, status } = ended(g, 0, bisection({ low: root - width, high: root + 1 }))
        expect(status).toBe("Converged")
        expect(Math.abs(z - root - 1 / 3)).toBeLessThan(1e-9)
      }),
      { numRuns: 20 },
    ))

  it("without a change of sign is a Breakdown, told after both ends", () =>
    expect(ended((z) => add(square(z), 1) as Tensor, 0.5, bisection({ low: -1, high: 2 }))).toMatchObject({
      status: "Breakdown",
      evaluations: 3,
      z: 0.5,
    }))

  it("expands by doubling about its middle where it may", () => {
    const g = (z: Tensor) => sub(z, 21) as Tensor
    expect(ended(g, 0, bisection({ low: 0, high: 2 })).status).toBe("Breakdown")
    const found = points(drive(algorithmOf(bisection({ low: 0, high: 2, expand: true }).method), to(g), [0], 12)).flat()
    expect(found).toEqual([0, 0, 2, -1, 3, -3, 5, -7, 9, -15, 17, -31])
    expect(ended(g, 0, bisection({ low: 0, high: 2, expand: true }))).toMatchObject({ status: "Converged" })
    expect(ended(g, 0, bisection({ low: 0, high: 2, expand: true })).z).toBeCloseTo(21, 9)
  })

  it("that never changes its sign ends as a Breakdown also when it may expand", () => {
    const g = (z: Tensor) => add(exp(neg(square(z))), 1) as Tensor
    // the start, and two ends of the first bracket and of fifty wider ones; far out a relative tolerance would be met by any residual
    expect(ended(g, 0, bisection({ low: -1, high: 2, expand: true, rtol: 0 }))).toMatchObject({ status: "Breakdown", evaluations: 103 })
  })

  it("around a pole or a jump closes in on no solution: Stalled, with its residual", () => {
    const pole = ended((z) => div(1, sub(z, 1 / 3)) as Tensor, 0, bisection({ low: -1, high: 2 }))
    expect(pole.status).toBe("Stalled")
    expect(pole.residual).toBeGreaterThan(0.5)
  })

  it("with an end at which f is infinite has a sign there", () =>
    expect(ended((z) => log(z), 5, bisection({ low: 0, high: 3 })).z).toBeCloseTo(1, 9))

  it("with an end at which f is not a number has none: NonFinite", () =>
    expect(ended((z) => sqrt(z), 1, bisection({ low: -1, high: 3 }))).toMatchObject({ status: "NonFinite", evaluations: 2, z: 1 }))

  it("costs one evaluation when it starts at the solution", () =>
    expect(ended((z) => sub(z, 3) as Tensor, 3, bisection({ low: 0, high: 1 }))).toMatchObject({
      status: "Converged",
      evaluations: 1,
      z: 3,
    }))

  it("does not mind a start at which f is not a number", () =>
    expect(ended((z) => sub(sqrt(z), 1) as Tensor, -1, bisection({ low: 0, high: 3 }))).toMatchObject({ status: "Converged" }))

  it("is the same for the damped map", () => {
    const g = (z: Tensor) => sub(cos(z), z) as Tensor
    const by = bisection({ low: 0, high: 2 })
    expect(ended(g, 0, damped(by, 0.25))).toEqual(ended(g, 0, by))
  })

  it.each([
    [1, 1],
    [2, 1],
    [0, Number.POSITIVE_INFINITY],
    [Number.NaN, 1],
  ])("from %d to %d is refused", (low, high) => expect(() => bisection({ low, high })).toThrow(/bisection: expected finite low < high/))

  it("is for one number: other states are refused where the solve is written", () => {
    const by = bisection({ low: 0, high: 1 })
    expect(() => fixedPoint((z: Tensor) => cos(z), tensor([0, 1]) as Tensor, by)).toThrow(/bisection needs a state of one number, found/)
    expect(() => fixedPoint((z: Tensor) => cos(z), tensor([]) as Tensor, by)).toThrow(/bisection needs a state of one number/)
    expect(() => fixedPoint((z: Tensor) => cos(z), tensor([[0, 1]]) as Tensor, perRow(damped(by, 0.5)))).toThrow(/one number a row/)
  })
})

describe("rows", () => {
  const ts = tensor([0, 0.3, -0.5, 9]) as Tensor
  const by = bisection({ low: 0, high: 2, onFailure: "useBest" })
  const alone = (t: Tensor) => solveFixedPoint((x: Scalar) => add(cos(x), t) as Scalar, scalar(0), by)

  it("each have a bracket of their own: vmap, perRow and one by one agree, bit for bit, statuses and counts included", () => {
    const told = ({ z, status, evaluations }: ReturnType<typeof alone>) => [z, status, evaluations]
    const each = Array.from({ length: 4 }, (_, i) => numbersOf(told(alone(indexAxis(ts, 0, i) as Tensor))))
    const byColumn = (k: number) => each.map((row) => row[k])
    const together = solveFixedPoint((x: Tensor) => add(cos(x), ts) as Tensor, mul(ts, 0), perRow(by))
    const mapped = vmap((t: Tensor) => told(alone(t)) as never)(ts as never) as readonly Tensor[]
    for (const all of [[together.z, together.status, together.evaluations], mapped])
      expect(outcome(all).values).toEqual([byColumn(0), byColumn(1), byColumn(2)])
    expect(new Set(byColumn(1)).size).toBe(2)
  })
})
const numbersOf = (tree: unknown): readonly number[] => outcome(tree).values.flat()

describe("derivatives", () => {
  // C01: x = cos x + t at t = 0
  const x = (t: Tensor) =>
    fixedPoint((x: Scalar) => add(cos(x), t) as Scalar, scalar(0), bisection({ low: 0, high: 2, atol: 1e-15, rtol: 0 }))
  const first = (t: Tensor) => grad(x as never)(t as never) as Tensor
  const second = (t: Tensor) => grad(first as never)(t as never) as Tensor
  const known = [0.7390851332151606, 0.5975100456753035, -0.1576631141037715]

  it("are those of the solution, to the second order (C01)", () => {
    const found = numbers([x(scalar(0)), first(scalar(0)), second(scalar(0))])
    known.forEach((v, i) => void expect(Math.abs((found[i] as number) / v - 1)).toBeLessThan(1e-14))
  })

  it.each([
    ["wasm:f64", 1e-14, 1e-15],
    ["wasm", 2e-6, 1e-7],
  ] as const)("hold inside one compiled program on %s", async (target, error, atol) => {
    const by = bisection({ low: 0, high: 2, atol, rtol: 0 })
    const solve = (t: Tensor) => fixedPoint((x: Scalar) => add(cos(x), t) as Scalar, scalar(0), by)
    const one = (t: Tensor) => grad(solve as never)(t as never) as Tensor
    const all = (t: Scalar) => [solve(t), one(t), grad(one as never)(t as never)] as never
    const { value } = right(await compile(all, { target }).run(scalar(0))())
    known.forEach((v, i) => void expect(Math.abs(number((value as readonly Tensor[])[i]) / v - 1)).toBeLessThan(error))
  })

  it("reach what all rows share", () => {
    const shared = (s: Tensor) =>
      sum(
        vmap(
          (t: Tensor) => fixedPoint((x: Scalar) => add(cos(x), mul(t, s)) as Scalar, scalar(0), bisection({ low: -2, high: 3 })) as never,
        )(tensor([0, 0.5]) as never) as Tensor,
      )
    const solo = (t: number) => number(first(scalar(t))) * t
    expect(number(grad(shared as never)(scalar(1) as never))).toBeCloseTo(solo(0) + solo(0.5), 9)
  })
})
