/** How a solve ends, and what is told about it: each status, its residual and its cost. */
import { describe, expect, it } from "vitest"
import { compile, evaluate, type Tensor, tensor } from "../../src/core/index.js"
import {
  anderson,
  broyden,
  chord,
  damped,
  dogleg,
  fixedPoint,
  iterate,
  levenbergMarquardt,
  newton,
  newtonKrylov,
  picard,
  pseudoTransient,
  type Solver,
  solveFixedPoint,
} from "../../src/implicit/index.js"
import { add, concat, exp, mul, neg, norm, onesLike, sliceAxis, sqrt, square, sub, zeros } from "../../src/ops/index.js"
import { affine, c13, z13, zero2 } from "../support/contraction.js"
import { left, right } from "../support/either.js"
import { number, numbers, outcome, solveOf } from "../support/outcome.js"

const methods: readonly (readonly [string, Solver])[] = [
  ["picard", picard()],
  ["damped", damped(picard(), 0.5)],
  ["anderson", anderson()],
  ["broyden", broyden()],
  ["newton", newton()],
  ["newton with a line search", newton({ lineSearch: true })],
  ["chord", chord()],
  ["pseudoTransient", pseudoTransient()],
  ["levenbergMarquardt", levenbergMarquardt()],
  ["dogleg", dogleg()],
  ["newtonKrylov", newtonKrylov()],
]

type Map1 = (z: Tensor) => Tensor
const ended = (f: Map1, init: Tensor, solver: Solver) => solveOf(fixedPoint(f, init, solver), "fixedPoint")

describe.each(methods)("%s", (_, solver) => {
  it("costs one evaluation and takes no step when it starts at the solution", () => {
    const at = tensor(z13) as Tensor
    const { values, solves } = outcome(fixedPoint(c13, at, solver))
    expect(solves).toMatchObject([{ status: "Converged", evaluations: 1 }])
    expect(values).toEqual([z13])
  })

  it("is Exhausted when its evaluations are used up", () =>
    expect(ended((z) => add(mul(square(z), 0.3), 0.5), tensor([3]) as Tensor, { ...solver, maxEvaluations: 2 })).toMatchObject({
      status: "Exhausted",
      evaluations: 2,
    }))

  it("is NonFinite when f is not finite at the start, and leaves the start as it was", () => {
    const { values, solves } = outcome(fixedPoint((z: Tensor) => sqrt(sub(z, 1)), tensor([0.5]) as Tensor, solver))
    expect(solves).toMatchObject([{ status: "NonFinite", residual: Number.POSITIVE_INFINITY, evaluations: 1 }])
    expect(values).toEqual([[0.5]])
  })

  it("refuses a solve without a solution, and never calls it Converged", () => {
    const error = left(evaluate(fixedPoint((z: Tensor) => add(square(z), 1) as Tensor, tensor([0.3]) as Tensor, solver)))
    expect(error).toMatchObject({ _tag: "NotConverged" })
  })

  it("tells the residual of the iterate that it returns, undamped", () => {
    const w = [
      [0.9, 0.2],
      [-0.3, 0.8],
    ]
    const f = affine(tensor(w) as Tensor, tensor([1, -1]) as Tensor)
    const s = solveFixedPoint(f, zero2, { ...solver, onFailure: "useBest", maxEvaluations: 3 })
    expect(numbers(s.residual)).toEqual(numbers(norm(sub(f(s.z), s.z) as Tensor)))
  })
})

describe("Diverged", () => {
  it("is told of a residual a million times the first, and the best iterate is kept", () =>
    expect(outcome(fixedPoint((z: Tensor) => add(mul(z, 2), 1) as Tensor, tensor([0.5]) as Tensor, picard()))).toMatchObject({
      values: [[0.5]],
      solves: [{ status: "Diverged", residual: 1.5 }],
    }))

  it("is not told of transient growth: C14 has spectral radius 1/2 and a norm above 10", () => {
    const c14 = affine(
      tensor([
        [0.5, 10],
        [0, 0.5],
      ]) as Tensor,
      tensor([1, 1]) as Tensor,
    )
    expect(ended(c14, tensor([0, 1000]) as Tensor, picard())).toMatchObject({ status: "Converged" })
  })
})

describe("Stalled", () => {
  it("is told when the residual does not fall for 64 turns and two an unknown, at most 192", () => {
    const turning = (n: number) => ended((z) => neg(z), mul(onesLike(zeros([n])), 0.5) as Tensor, picard())
    expect(turning(1)).toMatchObject({ status: "Stalled", evaluations: 68, residual: 1 })
    expect(turning(16)).toMatchObject({ status: "Stalled", evaluations: 98, residual: 4 })
    expect(turning(100)).toMatchObject({ status: "Stalled", evaluations: 194, residual: 10 })
  })

  // A of one entry after another: what stands at one place is at the next in the next turn, larger, and the residual rises for n (l + c) / c turns
  const shear = (n: number) => {
    const next = tensor(Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? 0.6 : j === i + 1 ? 0.45 : 0))))
    return affine(next as Tensor, onesLike(zeros([n])) as Tensor)
  }
  it("is not told of a long transient of plain iteration, far from normal", () =>
    expect(ended(shear(40), zeros([40]) as Tensor, picard())).toMatchObject({ status: "Converged" }))

  it("is told of Broyden's methods there, whose line search asks for a residual that falls; without it they take at most two steps an unknown", () => {
    const by = (options: Parameters<typeof broyden>[0]) =>
      ended(shear(40), zeros([40]) as Tensor, broyden({ maxEvaluations: 3000, ...options }))
    expect(by({})).toMatchObject({ status: "Stalled" })
    expect(by({ update: "bad" })).toMatchObject({ status: "Stalled" })
    const full = by({ update: "bad", lineSearch: false, memory: 80 })
    expect(full).toMatchObject({ status: "Converged" })
    // Gay 1979: 2 n steps of a linear system of n unknowns, from the first evaluation on
    expect(full.evaluations).toBeLessThanOrEqual(81)
  })

  it("is not told of a cyclic shift, of which Anderson's method sees nothing until it has it all", async () => {
    const n = 70
    const first = concat([onesLike(zeros([1])) as Tensor, zeros([n - 1]) as Tensor], 0)
    // I - A is the shift
    const f = (z: Tensor) => add(sub(z, concat([sliceAxis(z, 0, 1, n), sliceAxis(z, 0, 0, 1)], 0)), first) as Tensor
    const program = compile((z: Tensor) => solveFixedPoint(f, z, anderson({ memory: n })).evaluations, { target: "wasm:f64" })
    expect(number(right(await program(tensor(new Array(n).fill(0)) as Tensor)()))).toBeGreaterThan(66)
    program.dispose()
  })
})

describe("Singular", () => {
  it("is told by Newton where I - A has no inverse", () =>
    expect(ended((z) => add(z, 1) as Tensor, tensor([0.5]) as Tensor, newton())).toMatchObject({ status: "Singular", residual: 1 }))
})

describe("NonFinite", () => {
  it("is an iterate that overflows: an infinite residual is within no tolerance", () => {
    const f = (z: Tensor) => exp(mul(z, 2)) as Tensor
    expect(left(evaluate(fixedPoint(f, tensor([1]) as Tensor, picard())))).toMatchObject({
      solves: [{ status: "NonFinite", evaluations: 3 }],
    })
  })

  // f(1.5) = 0.71, where the square root of z - 1 is no number any more
  const f = (z: Tensor) => sqrt(sub(z, 1))
  it("keeps the best iterate: the NaN after it never touches it", () =>
    expect(outcome(fixedPoint(f, tensor([1.5]) as Tensor, picard()))).toMatchObject({
      values: [[1.5]],
      solves: [{ status: "NonFinite", residual: 1.5 - Math.SQRT1_2, evaluations: 2 }],
    }))

  // z = sqrt(z - 0.2) has two solutions; a full step from 0.21 leaves the domain
  const g = (z: Tensor) => sqrt(sub(z, 0.2))
  it.each([
    ["anderson", anderson()],
    ["broyden", broyden()],
  ] as const)("is no end for %s, which goes back to where f was finite", (_, solver) => {
    const found = number(fixedPoint(g, tensor([0.21]) as Tensor, solver))
    expect(Math.abs(found - Math.sqrt(found - 0.2))).toBeLessThan(1e-10)
  })

  it("is the end when no iterate nearby is finite either", () => {
    const onlyThere = (z: Tensor) => add(sqrt(neg(square(sub(z, 0.5)))), 1) as Tensor
    expect(ended(onlyThere, tensor([0.5]) as Tensor, broyden())).toMatchObject({ status: "NonFinite", residual: 0.5 })
  })
})

describe("iterate(n)", () => {
  it("applies f exactly n times, whatever the residual", () => {
    const z = fixedPoint(c13, zero2, iterate(3))
    expect(numbers(z)).toEqual(numbers(c13(c13(c13(zero2)))))
    expect(solveOf(z, "fixedPoint")).toMatchObject({ status: "Exhausted", evaluations: 4 })
  })

  it("applies f n times also beyond the solution", () => {
    let applied = tensor([64]) as Tensor
    for (let i = 0; i < 5; i++) applied = mul(applied, 0)
    expect(outcome(fixedPoint((z: Tensor) => mul(z, 0), tensor([64]) as Tensor, iterate(5)))).toMatchObject({
      values: [numbers(applied)],
      solves: [{ status: "Converged", evaluations: 6 }],
    })
  })

  it("is refused by no policy but one that asks for it", () => {
    expect(outcome(fixedPoint(c13, zero2, iterate(1))).refused).toEqual([])
    expect(outcome(fixedPoint(c13, zero2, iterate(1, { onFailure: "reject" }))).refused).toHaveLength(1)
  })
})

describe("damping", () => {
  it("does not end a solve early: the residual is not damped (optimistix calls y = 0.01 a solution of y = y/2 + 1)", () => {
    const slow = damped(picard({ atol: 1e-2, rtol: 1e-2, maxEvaluations: 2000 }), 0.01)
    expect(number(fixedPoint((y: Tensor) => add(mul(y, 0.5), 1) as Tensor, tensor([0]) as Tensor, slow))).toBeGreaterThan(1.9)
  })
})

describe("a name", () => {
  it("tells solves apart in the report; equal names are merged to the worst", () => {
    const solve = (name: string, rate: number) =>
      fixedPoint(
        (z: Tensor) => add(mul(z, rate), 1) as Tensor,
        tensor([0]) as Tensor,
        picard({ name, onFailure: "useBest", maxEvaluations: 60 }),
      )
    const { solves } = outcome([solve("fast", 0.1), solve("slow", 0.999), solve("both", 0.1), solve("both", 0.999)])
    expect(solves.map((s) => [s.site, s.status])).toEqual([
      ["fast", "Converged"],
      ["slow", "Exhausted"],
      ["both", "Exhausted"],
    ])
  })

  it("is no part of a solve's identity: equal solves are one, told under both names", () => {
    const solve = (name: string) => fixedPoint(c13, zero2, picard({ name }))
    const { solves } = outcome([solve("a"), solve("b"), solve("a")])
    const [alone] = outcome(solve("a")).solves
    expect(solves).toEqual([{ ...alone, site: "a = b" }])
  })
})
