/** shine: the inverse Jacobian of the forward Broyden solve stands for the backward solve, with a guard or without. */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { planMemory } from "../../src/core/compile/memory.js"
import { buildSchedule, closeBody, grad, harvestGraph, jvp, simplifyGraph, type Tensor, tensor, vjp } from "../../src/core/index.js"
import { interpreterCapabilities } from "../../src/core/targets/interpreter/index.js"
import { shineTangent } from "../../src/implicit/adjoints/shine.js"
import {
  type Adjoint,
  anderson,
  broyden,
  damped,
  exact,
  fixedPoint,
  isBiased,
  oneStep,
  perRow,
  shine,
  solveFixedPoint,
} from "../../src/implicit/index.js"
import { add, mul, sum, tanh, vmap } from "../../src/ops/index.js"
import { A, affine, b, times, zero2 } from "../support/contraction.js"
import { numbers, outcome, relativeError, solveOf } from "../support/outcome.js"
import { exactTargets, numbersOn } from "../support/targets.js"

const u = tensor([1, 1]) as Tensor
const tight = { atol: 1e-13, rtol: 1e-13 }
const c13 = (adjoint: Adjoint) => (c: Tensor) => fixedPoint(affine(A, c), zero2, broyden({ ...tight, adjoint }))
const pull = (adjoint: Adjoint) => numbers(vjp(c13(adjoint), b)[1](u))
const exactValues = [0.980392156863, 2.1568627451]

describe("shine()", () => {
  it("C50: the values of the reference, which are not the exact ones", () => {
    const found = pull(shine())
    expect(relativeError([1.46240862463, 2.23719882306], found)).toBeLessThan(1e-11)
    expect(relativeError(exactValues, found)).toBeGreaterThan(0.2)
  })

  it("is exact for one affine unknown", () => {
    const f = (c: Tensor) =>
      sum(fixedPoint((z: Tensor) => add(mul(z, -0.8), c) as Tensor, tensor([0]) as Tensor, broyden({ ...tight, adjoint: shine() })))
    expect(relativeError([1 / 1.8], numbers(grad(f)(tensor([1]) as Tensor)))).toBeLessThan(1e-12)
  })

  it("tangents and cotangents are those of one and the same matrix", () => {
    const v = tensor([0.3, -2]) as Tensor
    const [, tangent] = jvp(c13(shine()), [b], [v])
    const [forward, backward] = [
      numbers(sum(mul(tangent, u)))[0] as number,
      numbers(sum(mul(vjp(c13(shine()), b)[1](u)[0] as Tensor, v)))[0] as number,
    ]
    expect(Math.abs(forward - backward)).toBeLessThan(1e-13)
  })

  it("undoes the damping of the method, in which H is that of tau g", () => {
    const f = (tau: number) => (c: Tensor) =>
      sum(
        fixedPoint(
          (z: Tensor) => add(mul(z, -0.8), c) as Tensor,
          tensor([0]) as Tensor,
          damped(broyden({ ...tight, adjoint: shine() }), tau),
        ),
      )
    for (const tau of [1, 0.5, 0.1]) expect(relativeError([1 / 1.8], numbers(grad(f(tau))(tensor([1]) as Tensor)))).toBeLessThan(1e-11)
  })

  it("a pair that was given up is still there and counts no more", () => {
    // a line search that failed leaves the rows behind, unused
    const pairs = [
      [
        [1, 0],
        [5, 5],
      ],
      [
        [0, 1],
        [7, 7],
      ],
      [1, 0],
    ].map((rows) => tensor(rows as number[][]) as Tensor)
    expect(numbers(shineTangent(broyden().method, pairs, [tensor([2, 3]) as Tensor], 0))).toEqual([2 - 3, 3])
  })

  it("before any pair is made it is oneStep", () => {
    const at = tensor([2.352941176470588, 2.941176470588235]) as Tensor
    const f = (adjoint: Adjoint) => (c: Tensor) => sum(fixedPoint(affine(A, c), at, broyden({ adjoint })))
    expect(numbers(grad(f(shine()))(b))).toEqual(numbers(grad(f(oneStep))(b)))
  })

  it("has the value, status and evaluations of the solve, and no solve of its own", () => {
    const told = (adjoint: Adjoint) => numbers(solveFixedPoint(affine(A, b), zero2, broyden({ ...tight, adjoint })))
    expect(told(shine())).toEqual(told(exact()))
    // that its gradient is finite is told by the name of an adjoint, which did not run
    expect(outcome(grad((c: Tensor) => sum(c13(shine())(c)))(b)).solves).toMatchObject([
      { site: "fixedPoint", status: "Converged" },
      { site: "fixedPoint'", status: "NotRun", evaluations: 0 },
    ])
  })

  it("is biased, and needs a method that builds an inverse", () => {
    expect(isBiased(broyden({ adjoint: shine() }))).toBe(true)
    expect(() => fixedPoint(affine(A, b), zero2, anderson({ adjoint: shine() }))).toThrow(/shine: anderson builds no inverse Jacobian/)
    expect(() => shine({ guard: -1 })).toThrow("shine: guard must be a number of at least 0, found -1")
  })
})

describe("a forward solve of more steps than the memory holds", () => {
  const M = [
    [0.5, -0.4, 0.1, 0.3],
    [0.2, 0.6, -0.3, 0.1],
    [-0.1, 0.4, 0.3, -0.5],
    [0.3, 0.1, 0.2, 0.4],
  ]
  const c = [1, -2, 0.5, 0.25]
  const right = [1, 0.5, -1, 2]
  const inner = (x: readonly number[], y: readonly number[]) => x.reduce((t, v, i) => t + v * (y[i] as number), 0)
  const along = (x: readonly number[], s: number, y: readonly number[]) => x.map((v, i) => v + s * (y[i] as number))

  /** -H' u after so many points of Broyden's good method with full steps, which holds the newest `memory` pairs: a list, no ring. */
  const byHand = (memory: number, points: number): readonly number[] => {
    let pairs: (readonly [readonly number[], readonly number[]])[] = []
    const H = (x: readonly number[]) =>
      pairs.reduce(
        (t, [u, v]) => along(t, inner(v, x), u),
        x.map((v) => -v),
      )
    const transposed = (x: readonly number[]) =>
      pairs.reduce(
        (t, [u, v]) => along(t, inner(u, x), v),
        x.map((v) => -v),
      )
    const residual = (z: readonly number[]) => M.map((row, i) => inner(row, z) + (c[i] as number) - (z[i] as number))
    let z: readonly number[] = [0, 0, 0, 0]
    let g = residual(z)
    for (let k = 1; k < points; k++) {
      const dz = H(g).map((v) => -v)
      z = along(z, 1, dz)
      const after = residual(z)
      const dg = along(after, -1, g)
      pairs = pairs.slice(pairs.length === memory ? 1 : 0)
      const v = transposed(dz)
      const rest = along(dz, -1, H(dg))
      pairs.push([rest.map((x) => x / inner(v, dg)), v])
      g = after
    }
    return transposed(right).map((v) => -v)
  }

  it.each([1, 2, 3])("of %i pairs: shine has the newest ones, whichever row of the ring they stand in", (memory) => {
    // a tolerance at which differences of residuals still have eleven digits
    const solver = broyden({ memory, lineSearch: false, atol: 1e-4, rtol: 0, adjoint: shine() })
    const solve = (b: Tensor) => solveFixedPoint(affine(tensor(M) as Tensor, b), tensor([0, 0, 0, 0]) as Tensor, solver)
    const points = numbers(solve(tensor(c) as Tensor).evaluations)[0] as number
    expect(points).toBeGreaterThan(2 * memory + 1) // the ring has been filled twice
    const found = numbers(vjp((b: Tensor) => solve(b).z, tensor(c) as Tensor)[1](tensor(right) as Tensor))
    // two orders of the same sums round apart, more with every step
    expect(relativeError(byHand(memory, points), found)).toBeLessThan(1e-7)
    expect(relativeError(byHand(points, points), found)).toBeGreaterThan(1e-3)
  })
})

const xs = tensor([
  [0.1, -0.2, 0.3],
  [3, 2, -4],
  [-0.9, 0.8, 0.05],
]) as Tensor
const W = tensor([
  [0.4, -0.6, 0.2],
  [0.5, 0.3, -0.1],
  [-0.1, 0.3, 0.5],
]) as Tensor
const row = (w: Tensor, adjoint: Adjoint) => (x: Tensor) =>
  fixedPoint((z: Tensor) => tanh(add(times(z, w), x)) as Tensor, mul(x, 0) as Tensor, broyden({ ...tight, adjoint }))
const whole = (w: Tensor, adjoint: Adjoint) => (x: Tensor) =>
  fixedPoint((z: Tensor) => tanh(add(times(z, w), x)) as Tensor, mul(x, 0) as Tensor, perRow(broyden({ ...tight, adjoint })))

describe("rows", () => {
  it.each([
    ["shine()", shine()],
    ["shine({ guard: 0.2 })", shine({ guard: 0.2 })],
  ] as const)("%s: each row has its own pairs, by perRow and by vmap", (_, adjoint) => {
    const alone = [0, 1, 2].map((i) => {
      const x = tensor(numbers(xs).slice(3 * i, 3 * i + 3)) as Tensor
      return numbers(grad((v: Tensor) => sum(row(W, adjoint)(v)))(x))
    })
    const byVmap = numbers(grad((v: Tensor) => sum(vmap(row(W, adjoint))(v)))(xs))
    const byRow = numbers(grad((v: Tensor) => sum(whole(W, adjoint)(v)))(xs))
    expect(relativeError(alone.flat(), byVmap)).toBeLessThan(1e-12)
    expect(relativeError(alone.flat(), byRow)).toBeLessThan(1e-12)
  })
})

describe("memory", () => {
  const n = 64
  const peakOf = (program: (x: Tensor) => Tensor) => {
    const { graph } = closeBody("test", [{ elem: "float", shape: [n] }], ([x]) => [program(x as Tensor)])
    return planMemory(buildSchedule(simplifyGraph(harvestGraph(graph).graph), interpreterCapabilities)).peak / n
  }
  it("is that of the forward solve: the gradient needs no more than a few states beside the pairs", () => {
    const solve = (adjoint: Adjoint) => (x: Tensor) =>
      fixedPoint((z: Tensor) => tanh(add(mul(z, 0.5), x)) as Tensor, mul(x, 0) as Tensor, broyden({ memory: 10, adjoint }))
    const backward = peakOf(grad((x: Tensor) => sum(solve(shine())(x)) as Tensor<[]>))
    expect(backward).toBeLessThanOrEqual(peakOf(solve(shine())) + 4)
    expect(peakOf(grad((x: Tensor) => sum(solve(exact())(x)) as Tensor<[]>))).toBeGreaterThan(backward + n / 2) // a dense matrix
  })
})

describe("shine({ guard })", () => {
  // |u - (I - A') lambda| / |u| of C50's lambda
  const [l, m] = [1.46240862463, 2.23719882306]
  const share = Math.hypot(1 - (0.8 * l + 0.1 * m), 1 - (-0.3 * l + 0.6 * m)) / Math.SQRT2

  it("takes the guess where its residual is within the share, and solves where not", () => {
    expect(share).toBeGreaterThan(0.1)
    expect(pull(shine({ guard: share * 1.01 }))).toEqual(pull(shine()))
    expect(relativeError(exactValues, pull(shine({ guard: share * 0.99 })))).toBeLessThan(1e-11)
    expect(relativeError(exactValues, pull(shine({ guard: 0 })))).toBeLessThan(1e-11)
  })

  it("tells the residual that was taken, and does not solve then", () => {
    const report = (guard: number) => solveOf(grad((c: Tensor) => sum(c13(shine({ guard }))(c)))(b), "fixedPoint'")
    expect(report(share * 1.01).status).toBe("Converged")
    expect(report(share * 1.01).residual).toBeCloseTo(share, 9)
    expect(report(share * 1.01).evaluations).toBe(1)
    expect(report(0).residual).toBeLessThan(1e-12)
    expect(report(0).evaluations).toBeGreaterThan(1)
  })

  it("the residual of what is used is never above the share, whatever the layer", () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), fc.constantFrom(0, 0.01, 0.3), (seed, guard) => {
        const w = tensor(
          numbers(W).map((v, i) => v * Math.cos(seed + i)),
          [3, 3],
        ) as Tensor
        const x = tensor([Math.sin(seed), 0.4, -1]) as Tensor
        const s = solveOf(grad((v: Tensor) => sum(row(v, shine({ guard }))(x)))(w), "fixedPoint'")
        expect(s.status).toBe("Converged")
        expect(s.residual).toBeLessThanOrEqual(Math.max(guard, 1e-11))
      }),
      { numRuns: 6 },
    ))

  it("starts there: on a large system fewer products are left to do, that with the guess included", () => {
    const n = 80
    const big = (adjoint: Adjoint) => (x: Tensor) =>
      fixedPoint((z: Tensor) => tanh(add(mul(z, ramp), x)) as Tensor, mul(x, 0) as Tensor, broyden({ ...tight, memory: 40, adjoint }))
    const ramp = tensor(Array.from({ length: n }, (_, i) => 0.9 * Math.cos(i))) as Tensor
    const at = tensor(Array.from({ length: n }, (_, i) => Math.sin(3 * i))) as Tensor
    // the forward solve went along x: for this cotangent the guess is right to 4 %
    const loss = (adjoint: Adjoint) => (x: Tensor) => sum(mul(big(adjoint)(x), at)) as Tensor<[]>
    const products = (adjoint: Adjoint) => solveOf(grad(loss(adjoint))(at), "fixedPoint'").evaluations
    expect(products(shine({ guard: 0 }))).toBeLessThan(products(exact()))
    const [a, e] = [shine({ guard: 0 }), exact()].map((adjoint) => numbers(grad(loss(adjoint))(at)))
    expect(relativeError(e as readonly number[], a as readonly number[])).toBeLessThan(1e-9)
  })

  it.each(exactTargets)("on %s", async (target, epsilon) => {
    const run = (adjoint: Adjoint) =>
      numbersOn(target, () => grad((v: Tensor) => sum(fixedPoint(affine(A, v), zero2, broyden({ adjoint }))))(b))
    expect(relativeError(exactValues, await run(shine({ guard: share * 0.9 })))).toBeLessThan(Math.max(64 * epsilon, 1e-10))
    expect(relativeError([l, m], await run(shine()))).toBeLessThan(2 ** 12 * epsilon + 1e-7)
  })
})
