/** Gradients that other libraries' users could not trust: regularisers, schemes that disagree, NaN. Items as in docs/peers-faults.md. */
import { describe, expect, it } from "vitest"
import { compile, evaluate, grad, type Tensor, tensor } from "../../../src/core/index.js"
import { anderson, broyden, exact, fixedPoint, newton, picard, type Solver, solveFixedPoint } from "../../../src/implicit/index.js"
import {
  add,
  cos,
  div,
  greater,
  hessian,
  indexAxis,
  jacobian,
  mul,
  norm,
  reshape,
  sqrt,
  square,
  stopGradient,
  sub,
  sum,
  tanh,
  vmap,
  where,
} from "../../../src/ops/index.js"
import { apply, c13, z13, zero2 } from "../../support/contraction.js"
import { right } from "../../support/either.js"
import { exactAdjoints, generalLinearSolvers, inTurns, solverList } from "../../support/implicit-lists.js"
import { number, numbers, outcome, relativeError, solveOf } from "../../support/outcome.js"

type Scalar = Tensor<[]>
const s = (x: number) => tensor(x) as Scalar
const tight = { atol: 1e-14, rtol: 1e-14, maxEvaluations: 4000 }

const W = tensor([
  [0.3, -0.4],
  [0.2, 0.1],
]) as Tensor
const x = tensor([0.5, -0.3]) as Tensor
const layer = (w: Tensor) => (z: Tensor) => tanh(add(apply(w, z), x)) as Tensor

/** |A|_F^2 / n at the solution. */
const regulariser = (w: Tensor, solver: Solver = newton(tight)): Scalar =>
  div(sum(square(jacobian(layer(w))(fixedPoint(layer(w), zero2, solver)))), 2) as Scalar

// https://github.com/locuslab/torchdeq/issues/10, https://github.com/locuslab/torchdeq/issues/8
describe("12: a regulariser of the Jacobian and the solution itself carry gradients", () => {
  it.each([0, 1, 2, 3])("|A|^2 of C46, to entry %i of W, against differences", (k) => {
    const moved = (h: number) =>
      number(
        regulariser(
          tensor(
            numbers(W).map((w, i) => w + (i === k ? h : 0)),
            [2, 2],
          ) as Tensor,
        ),
      )
    const h = 1e-4
    // Richardson: the error of order h^2 cancels
    const difference = (4 * (moved(h / 2) - moved(-h / 2))) / (3 * h) - (moved(h) - moved(-h)) / (6 * h)
    const found = numbers(grad((w: Tensor) => regulariser(w))(W))[k] as number
    expect(Math.abs(found - difference)).toBeLessThan(1e-10)
    expect(Math.abs(found)).toBeGreaterThan(1e-3)
  })

  it("the solution that is returned is no constant", () =>
    expect(numbers(grad((w: Tensor) => sum(fixedPoint(layer(w), zero2, anderson(tight))))(W)).every((g) => Math.abs(g) > 0.1)).toBe(true))
})

// DeepEquilibriumNetworks.jl, src/layers.jl: the regulariser was handed over in the place of another field
describe("13: the coefficient of a regulariser counts", () => {
  it("in the value and in the gradient", () => {
    const loss = (coefficient: number) => (w: Tensor) =>
      add(sum(fixedPoint(layer(w), zero2, newton(tight))), mul(regulariser(w), coefficient)) as Scalar
    const [none, one] = [0, 1].map((k) => numbers([loss(k)(W), grad(loss(k))(W)])) as [number[], number[]]
    expect((one[0] as number) - (none[0] as number)).toBeCloseTo(number(regulariser(W)), 12)
    expect(relativeError(one.slice(1), none.slice(1))).toBeGreaterThan(1e-3)
  })
})

// https://github.com/locuslab/deq/issues/24, .../15, .../11
describe("14: all schemes have one gradient", () => {
  const gradient = (solver: Solver) => numbers(grad((w: Tensor) => sum(fixedPoint(layer(w), zero2, { ...solver, ...tight })))(W))
  const expected = gradient(newton())
  it.each(inTurns(2, exactAdjoints))(
    "$one.name with $two.name",
    ({ one, two }) => void expect(relativeError(expected, gradient({ ...one.value, adjoint: two.value }))).toBeLessThan(1e-9),
  )
})

// https://github.com/google/jaxopt/issues/141
describe("15: a second derivative through a solve", () => {
  it.each(solverList)("C01 by $name, by all three mixtures of the modes", ({ value }) => {
    const dottie = (t: Scalar) => fixedPoint((z: Scalar) => add(cos(z), t) as Scalar, s(0.5), { ...value, ...tight })
    expect(number(hessian(dottie)(s(0)))).toBeCloseTo(-0.1576631141037715, 11)
    expect(number(grad((t: Scalar) => grad(dottie)(t) as Scalar)(s(0)))).toBeCloseTo(-0.1576631141037715, 11)
  })
})

// xitorch, read in its source: equilibrium and _nonlin_solver return a point before the last
describe("16: the point that is returned is the one that was judged", () => {
  it.each(solverList)("C40 by $name: a constant map is solved, its start is not returned", ({ value }) => {
    const told = solveFixedPoint((_: Tensor) => tensor([3, -2]) as Tensor, tensor([50, 7]) as Tensor, value)
    expect(relativeError([3, -2], numbers(told.z))).toBeLessThan(1e-10)
  })

  it.each(solverList)("by $name: the residual told is that of the point returned", ({ value }) => {
    const f = (z: Tensor) => tanh(add(apply(W, z), x)) as Tensor
    for (const maxEvaluations of [1, 2, 3, 5, 256]) {
      const told = solveFixedPoint(f, tensor([2, -1]) as Tensor, { ...value, maxEvaluations, onFailure: "useBest" })
      expect(numbers(told.residual)).toEqual(numbers(norm(sub(f(told.z), told.z) as Tensor)))
    }
  })

  it.each(solverList)("by $name: a solve that converged returns the very point that met the tolerance", ({ value }) => {
    // I - W is singular and the equation has no solution: |f| grows until a residual of 0.9 is within rtol |f|
    const grows = (z: Tensor) =>
      add(
        apply(
          tensor([
            [0.7, -0.7],
            [-0.3, 0.3],
          ]) as Tensor,
          z,
        ),
        tensor([1, 0.5]),
      ) as Tensor
    const told = solveFixedPoint(grows, zero2, { ...value, atol: 0, onFailure: "useBest" })
    const [[status], [residual], size] = outcome([told.status, told.residual, grows(told.z)]).values as [number[], number[], number[]]
    if (status === 1) expect(residual).toBeLessThanOrEqual(Number.EPSILON ** (2 / 3) * Math.hypot(...size) * (1 + 1e-9))
  })
})

// https://github.com/jax-ml/jax/issues/3058, .../4177, .../21723, .../26248, https://github.com/jax-ml/jax/pull/39792
describe("18: the norm has the gradient zero at zero", () => {
  it("of a vector", () => expect(numbers(grad((v: Tensor) => norm(v))(zero2))).toEqual([0, 0]))

  it("as a loss on the residual of a solve that converged", () => {
    const residual = (w: Tensor) => {
      const z = fixedPoint(layer(w), zero2, newton(tight))
      return norm(sub(layer(w)(stopGradient(z)), stopGradient(z)) as Tensor)
    }
    expect(numbers(grad(residual)(W)).every(Number.isFinite)).toBe(true)
    const exactly = (c: Tensor) =>
      norm(
        sub(
          fixedPoint((_: Tensor) => c, zero2, picard()),
          stopGradient(c),
        ) as Tensor,
      )
    expect(numbers(grad(exactly)(tensor([1, 2]) as Tensor))).toEqual([0, 0])
  })
})

// https://github.com/google/jaxopt/issues/95, https://github.com/google/jaxopt/pull/416, https://github.com/google/jaxopt/issues/521
describe("20: nothing divides by a step of nothing", () => {
  it.each(solverList)("$name started at the solution takes no step", ({ value }) => {
    expect(solveOf(fixedPoint(c13, tensor(z13) as Tensor, value), "fixedPoint")).toMatchObject({ status: "Converged", evaluations: 1 })
    expect(numbers(fixedPoint(c13, tensor(z13) as Tensor, value))).toEqual(z13)
  })

  it.each(solverList)("$name with a tolerance of 0 ends at the solution, whatever it calls that", ({ value }) => {
    const { values, solves } = outcome(fixedPoint(c13, zero2, { ...value, atol: 0, rtol: 0, onFailure: "useBest" }))
    expect(relativeError(z13, values.flat())).toBeLessThan(1e-13)
    expect(["Converged", "Stalled", "Exhausted"]).toContain(solves[0]?.status)
  })

  it.each([
    ["anderson", anderson()],
    ["broyden", broyden()],
  ] as const)("%s in float32 with a tolerance of 0", async (_, solver) => {
    const program = compile((start: Tensor) => fixedPoint(c13, start, { ...solver, atol: 0, rtol: 0, onFailure: "useBest" }), {
      target: "wasm",
    })
    expect(relativeError(z13, numbers(right(await program(zero2)())))).toBeLessThan(1e-6)
    program.dispose()
  })
})

// https://github.com/jax-ml/jax/issues/347, https://github.com/jax-ml/jax/issues/1052
describe("22: a branch that is not taken leaks no NaN", () => {
  it.each(generalLinearSolvers)("of a where inside a layer, by $name", ({ value }) => {
    const safe = (c: Tensor) => (z: Tensor) => {
      const taken = greater(tensor([1, 0]), 0.5)
      const inside = where(taken, c, tensor([1, 1]) as Tensor) as Tensor
      return add(mul(z, 0.5), where(taken, sqrt(inside), mul(c, 0))) as Tensor
    }
    const loss = (c: Tensor) => sum(fixedPoint(safe(c), zero2, picard({ ...tight, adjoint: exact(value) })))
    expect(relativeError([0.5, 0], numbers(grad(loss)(tensor([4, -1]) as Tensor)))).toBeLessThan(1e-10)
  })

  it.each(solverList)("of a row that is NaN beside rows that are not, by $name", ({ value }) => {
    const solve = (w: Scalar) => (c: Scalar) =>
      fixedPoint((z: Scalar) => tanh(add(mul(z, w), c)) as Scalar, s(0), { ...value, onFailure: "useBest" })
    const rows = tensor([0.3, Number.NaN, -1])
    const [found, alone] = [rows, tensor([0.3, -1])].map((c) =>
      number(grad((w: Scalar) => sum(vmap(solve(w))(c as Tensor<[3]>)))(s(0.5))),
    ) as [number, number]
    expect(Math.abs(found - alone)).toBeLessThan(1e-10)
    const best = outcome(vmap(solve(s(0.5)))(rows as Tensor<[3]>)).values.flat()
    expect(best.slice(0, 3).every(Number.isFinite)).toBe(true)
  })
})

describe("what these tests lean on", () => {
  it("evaluate tells a refusal", () =>
    expect(
      evaluate(
        indexAxis(
          reshape(
            fixedPoint((z: Tensor) => add(z, 1) as Tensor, zero2, picard()),
            [2],
          ),
          0,
          0,
        ),
      )._tag,
    ).toBe("Left"))
})
