/** An adjoint that is no solve, and a given number of steps, hand out no NaN in silence: values, gradients, tangents. */
import { describe, expect, it } from "vitest"
import { evaluate, jvp, type Tensor, tensor, vjp } from "../../src/core/index.js"
import {
  type Adjoint,
  checkpointed,
  fixedPoint,
  neumann,
  oneStep,
  phantom,
  picard,
  type Solver,
  solveFixedPoint,
  truncated,
  unrolled,
} from "../../src/implicit/index.js"
import { add, mul, scan, sqrt, sum, tanh, vmap } from "../../src/ops/index.js"
import { left } from "../support/either.js"
import { numbers, outcome } from "../support/outcome.js"

const s = (x: number): Tensor => tensor(x) as Tensor

/** z = tanh(w (z + 1) p): with w infinite the state is 1, df/dz is 0 times infinity, and so is df/dp. */
const layer =
  (solver: Solver, w = Number.POSITIVE_INFINITY) =>
  (p: Tensor): Tensor =>
    fixedPoint((z: Tensor) => tanh(mul(mul(add(z, 1), p), w)) as Tensor, s(0.5), solver)

const gradient = (f: (p: Tensor) => Tensor): Tensor => vjp(f, s(1))[1](s(1))[0] as Tensor

const adjoints: readonly (readonly [string, Adjoint])[] = [
  ["oneStep", oneStep],
  ["neumann(3)", neumann(3)],
  ["phantom(3, 0.5)", phantom(3, 0.5)],
  ["truncated(9, 2)", truncated(9, 2)],
  ["unrolled(6)", unrolled(6)],
  ["checkpointed(6, 2)", checkpointed(6, 2)],
]

describe.each(adjoints)("%s", (name, adjoint) => {
  const solver = picard({ adjoint })

  it("refuses a gradient that is not finite, though the value is", () =>
    expect(left(evaluate(gradient(layer(solver))))).toMatchObject({
      _tag: "NotConverged",
      solves: expect.arrayContaining([expect.objectContaining({ site: "fixedPoint'", status: "NonFinite" })]),
    }))

  it("refuses such a gradient of one row among others, and of one turn of a loop", () => {
    const ws = tensor([0.2, Number.POSITIVE_INFINITY]) as Tensor
    const one = (p: Tensor, w: Tensor): Tensor => fixedPoint((z: Tensor) => tanh(mul(mul(add(z, 1), p), w)) as Tensor, s(0.5), solver)
    const rows = (p: Tensor) => vmap((w: Tensor) => one(p, w))(ws) as Tensor
    const turns = (p: Tensor) => scan((total: Tensor, w: Tensor) => [add(total, one(p, w)) as Tensor, null] as const, s(0), ws)[0] as Tensor
    const refusal = { _tag: "NotConverged", solves: [expect.objectContaining({ site: "fixedPoint'", status: "NonFinite" })] }
    for (const f of [(p: Tensor) => sum(rows(p)) as Tensor, turns])
      expect(left(evaluate(gradient(f)))).toMatchObject(name.startsWith("neumann") ? { _tag: "NotConverged" } : refusal)
  })

  it("refuses a tangent that is not finite", () =>
    expect(left(evaluate(jvp(layer(solver), [s(1)], [s(1)])[1]))).toMatchObject({ _tag: "NotConverged" }))

  it("hands it out where failures are used, and tells", () => {
    const { values, solves } = outcome(gradient(layer({ ...solver, onFailure: "useBest" })))
    expect(values).toEqual([[Number.NaN]])
    expect(solves).toContainEqual(expect.objectContaining({ site: "fixedPoint'", status: "NonFinite" }))
  })

  it("says nothing of what is finite", () => {
    const { values, solves } = outcome(gradient(layer(solver, 0.2)))
    expect(values.flat().every(Number.isFinite)).toBe(true)
    expect(solves.filter(({ status }) => status !== "Converged" && status !== "NotRun" && status !== "Exhausted")).toEqual([])
  })
})

it("neumann: the products with an operator that is not finite are in the value, which is refused with them", () => {
  expect(numbers(layer(picard())(s(1)))).toEqual([1])
  expect(left(evaluate(layer(picard({ adjoint: neumann(1) }))(s(1))))).toMatchObject({
    solves: [{ site: "fixedPoint", status: "NonFinite" }],
  })
})

describe.each([
  ["unrolled", unrolled(4)],
  ["checkpointed", checkpointed(4, 2)],
] as const)("%s: steps that are no solve", (_, adjoint) => {
  // f(1.5) = 0.71, where the square root of z - 1 is no number any more
  const steps = (solver: Solver) => fixedPoint((z: Tensor) => sqrt(add(z, -1)), s(1.5), solver)

  it("refuse a state that is not finite by the name of the layer, as solveFixedPoint does", () => {
    const solver = picard({ adjoint, name: "cell" })
    expect(left(evaluate(steps(solver)))).toMatchObject({ solves: [{ site: "cell", status: "NonFinite" }] })
    const judged = solveFixedPoint((z: Tensor) => sqrt(add(z, -1)), s(1.5), solver).z
    expect(left(evaluate(judged))).toMatchObject({ solves: [{ site: "cell", status: "NonFinite" }] })
  })

  it("hand it out where failures are used", () => {
    const { values, solves } = outcome(steps(picard({ adjoint, onFailure: "useBest" })))
    expect(values).toEqual([[Number.NaN]])
    expect(solves).toMatchObject([{ status: "NonFinite" }])
  })

  it("claim no convergence of what is finite", () => {
    const { values, solves } = outcome(fixedPoint((z: Tensor) => mul(z, 2), s(1), picard({ adjoint })))
    expect(values).toEqual([[16]])
    expect(solves).toMatchObject([{ status: "NotRun", evaluations: 0 }])
  })
})
