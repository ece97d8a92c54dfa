/** What types don't keep out: solvers from JavaScript, from casts, and numbers out of their range. */
import { describe, expect, it } from "vitest"
import { evaluate, type Tensor, TraceError, tensor } from "../../src/core/index.js"
import {
  type AnyLinearSolver,
  anderson,
  certificate,
  exact,
  fixedPoint,
  linearSolve,
  type Policy,
  picard,
  root,
  type Solver,
  solveFixedPoint,
} from "../../src/implicit/index.js"
import { add, mul, square, sum } from "../../src/ops/index.js"
import { left } from "../support/either.js"

const f = (z: Tensor) => add(mul(z, 0.5), 1) as Tensor
const start = tensor([0]) as Tensor
const thrown = (run: () => unknown): string => {
  try {
    run()
  } catch (e) {
    expect(e).toBeInstanceOf(TraceError)
    return (e as TraceError).message
  }
  throw new Error("nothing was thrown")
}

const wrong: readonly (readonly [string, object, string])[] = [
  ["an adjoint that was not called", { adjoint: exact }, "solver.adjoint: expected a _tag of exact, neumann"],
  ["an adjoint's name", { adjoint: "exact" }, "solver.adjoint: expected a _tag of exact, neumann"],
  ["a policy that is none", { onFailure: "Reject" }, 'onFailure must be "reject" | "useBest" | "fixedBudget", found "Reject"'],
  ["a method that is none", { method: { _tag: "picarde" } }, "solver.method (picarde): expected a _tag of picard, anderson"],
  ["a tolerance that is no number", { rtol: Number.NaN }, "rtol must be a number of at least 0, found NaN"],
  ["a tolerance below 0", { atol: -1 }, "atol must be a number of at least 0, found -1"],
  ["no evaluations", { maxEvaluations: 0 }, "maxEvaluations must be a whole number of at least 1, found 0"],
  ["half an evaluation", { maxEvaluations: 2.5 }, "maxEvaluations must be a whole number of at least 1, found 2.5"],
  ["a field that is misspelt", { rTol: 1 }, 'has no field "rTol"'],
]

describe.each(wrong)("a solver with %s", (_, part, message) => {
  const solver = { ...picard(), ...part } as Solver
  it("is refused by fixedPoint and solveFixedPoint", () => {
    expect(thrown(() => fixedPoint(f, start, solver))).toContain(`fixedPoint: ${message.startsWith("solver") ? message : "solver"}`)
    expect(thrown(() => solveFixedPoint(f, start, solver))).toContain(message)
  })
})

describe("other numbers and names", () => {
  it("anderson mixes a part of the step", () => {
    expect(thrown(() => anderson({ mixing: 0 }))).toContain("anderson: mixing must lie in (0, 1], found 0")
    expect(thrown(() => anderson({ mixing: 5 }))).toContain("anderson: mixing must lie in (0, 1], found 5")
  })

  it("linearSolve knows its solvers and policies", () => {
    const twice = (x: Tensor) => mul(x, 2) as Tensor
    const by = (solver: unknown, onFailure: unknown = "reject") =>
      thrown(() => linearSolve(twice, start, { solver: solver as never, onFailure: onFailure as Policy }))
    expect(by({ _tag: "gmrs" })).toContain("linearSolve: linear solver (gmrs): expected a _tag of auto, picard")
    expect(by({ _tag: "gmres", rtol: -1 } satisfies AnyLinearSolver)).toContain("rtol must be a number of at least 0, found -1")
    expect(by({ _tag: "auto" }, "none")).toContain('linearSolve: onFailure must be "reject" | "useBest" | "fixedBudget", found "none"')
  })

  it.each([
    ["contraction", { contraction: -3 }, "the contraction has to be in [0, 1), found -3"],
    ["parameters", { parameters: Number.NaN }, "the bound parameters has to be a finite number of at least 0, found NaN"],
    [
      "change.loss",
      { change: { state: 0, parameters: 0, loss: -1 } },
      "the bound change.loss has to be a finite number of at least 0, found -1",
    ],
  ])("certificate proves nothing from a %s that is no bound", (_, part, message) => {
    const lipschitz = { contraction: 0.5, parameters: 1, change: { state: 0, parameters: 0, loss: 0 }, ...part }
    const told = () =>
      certificate(
        (p: Tensor, z: Tensor) => add(mul(z, 0.5), p) as Tensor,
        start,
        start,
        (z: Tensor) => sum(z) as Tensor<[]>,
        { lipschitz },
      )
    expect(thrown(told)).toContain(message)
  })
})

describe("equations that are not what they are said to be", () => {
  it("root wants an equation for each unknown", () => {
    const one = (x: Tensor) => mul(-0.1, sum(x)) as Tensor
    expect(thrown(() => root(one, tensor([1, 2]) as Tensor, picard()))).toContain(
      "root: F must have an equation for each unknown: the state is float[2], F returned float[]",
    )
  })

  it.each([
    ["affine", (x: Tensor) => add(mul(x, 2), 1) as Tensor],
    ["a square", (x: Tensor) => square(x) as Tensor],
  ])("an operator that is %s is no singular one", (_, operator) => {
    const { message } = left(evaluate(linearSolve(operator, tensor([1, 2]) as Tensor)))
    expect(message).toContain("Breakdown")
    expect(message).toContain("a linear operator is not what it is said to be (linear,")
  })
})
