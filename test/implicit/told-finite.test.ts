/** No adjoint and no given number of steps hands out a NaN in silence: values, gradients, tangents, also where every solve converged. */
import { describe, expect, it } from "vitest"
import { evaluate, jvp, type Tensor, tensor, vjp } from "../../src/core/index.js"
import {
  type Adjoint,
  bilevel,
  broyden,
  checkpointed,
  exact,
  fixedPoint,
  gmres,
  iterate,
  linearSolve,
  neumann,
  oneStep,
  phantom,
  picard,
  type Solver,
  shine,
  solveFixedPoint,
  truncated,
  unrolled,
} from "../../src/implicit/index.js"
import { add, mul, scan, sqrt, square, sum, tanh, vmap } from "../../src/ops/index.js"
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

/** z = z / 2 + tanh(w p): with w infinite the state is 2, df/dz is 1/2, and df/dp alone is no number. */
const parametersAlone =
  (solver: Solver, w: Tensor | number = Number.POSITIVE_INFINITY) =>
  (p: Tensor): Tensor =>
    fixedPoint((z: Tensor) => add(mul(z, 0.5), tanh(mul(p, w))) as Tensor, s(0.5), solver)

const judgedByItself: readonly (readonly [string, Adjoint])[] = [
  ["exact()", exact()],
  ["exact(gmres())", exact(gmres())],
  ["shine()", shine()],
  ["shine(0.1)", shine({ guard: 0.1 })],
  ["bilevel()", bilevel()],
  ["bilevel(oneStep)", bilevel(oneStep)],
  ["oneStep", oneStep],
]

describe.each(judgedByItself)("%s, whose adjoint state is finite", (_, adjoint) => {
  const solver = broyden({ adjoint })
  const refusal = { _tag: "NotConverged", solves: [expect.objectContaining({ site: "fixedPoint'", status: "NonFinite" })] }

  it("refuses what the parameters make of it where that is not finite, though the value is", () => {
    expect(numbers(parametersAlone(solver)(s(1)))[0]).toBeCloseTo(2, 9)
    expect(left(evaluate(gradient(parametersAlone(solver))))).toMatchObject(refusal)
  })

  it("refuses it of one row among others, and of one turn of a loop", () => {
    const ws = tensor([0.2, Number.POSITIVE_INFINITY]) as Tensor
    const rows = (p: Tensor) => sum(vmap((w: Tensor) => parametersAlone(solver, w)(p))(ws) as Tensor) as Tensor
    const turns = (p: Tensor) =>
      scan((total: Tensor, w: Tensor) => [add(total, parametersAlone(solver, w)(p)) as Tensor, null] as const, s(0), ws)[0] as Tensor
    for (const f of [rows, turns]) expect(left(evaluate(gradient(f)))).toMatchObject(refusal)
  })

  it("refuses a tangent, and a derivative of the gradient", () => {
    expect(left(evaluate(jvp(parametersAlone(solver), [s(1)], [s(1)])[1]))).toMatchObject({ _tag: "NotConverged" })
    // the gradient itself is p / 2 at every w; only its tangent knows of w
    const bent = (p: Tensor) => fixedPoint((z: Tensor) => add(mul(z, 0.5), mul(square(p), w0)) as Tensor, s(0.5), solver)
    const w0 = s(0.25)
    expect(numbers(jvp((p: Tensor) => vjp(bent, p)[1](s(1))[0] as Tensor, [s(1)], [s(1)])[1])[0]).not.toBeNaN()
    expect(left(evaluate(jvp((p: Tensor) => vjp(bent, p)[1](s(1))[0] as Tensor, [s(1)], [s(Number.NaN)])[1]))).toMatchObject(refusal)
  })

  it("hands it out where failures are used, and tells", () => {
    const { values, solves } = outcome(gradient(parametersAlone({ ...solver, onFailure: "useBest" })))
    expect(values).toEqual([[Number.NaN]])
    expect(solves).toContainEqual(expect.objectContaining({ site: "fixedPoint'", status: "NonFinite" }))
  })

  it("says nothing of what is finite: one entry a solve", () => {
    const { values, solves } = outcome([parametersAlone(solver, 0.2)(s(1)), gradient(parametersAlone(solver, 0.2))])
    expect(values.flat().every(Number.isFinite)).toBe(true)
    expect(solves.map(({ site }) => site).sort()).toEqual(["fixedPoint", "fixedPoint'"])
    expect(solves.every(({ status }) => status === "Converged" || status === "NotRun")).toBe(true)
  })
})

describe("a given number of evaluations", () => {
  it("with an exact gradient takes an adjoint that did not converge, and none that is not finite", () => {
    const far = parametersAlone(iterate(3), 0.2)
    expect(numbers(gradient(far))[0]).toBeCloseTo(0.4 * (1 - Math.tanh(0.2) ** 2), 12)
    expect(left(evaluate(gradient(parametersAlone(iterate(3)))))).toMatchObject({
      solves: [{ site: "fixedPoint'", status: "NonFinite" }],
    })
  })

  it("refuses an adjoint state that is not finite", () =>
    expect(left(evaluate(gradient(layer(iterate(3)))))).toMatchObject({
      solves: [expect.objectContaining({ site: "fixedPoint'", status: "NonFinite" })],
    }))
})

describe("linearSolve", () => {
  /** (1 + tanh(w p)) x = 1 */
  const solution =
    (w: number, onFailure: "reject" | "useBest" = "reject") =>
    (p: Tensor): Tensor =>
      linearSolve((x: Tensor) => mul(x, add(tanh(mul(p, w)), 1)) as Tensor, s(1), { onFailure })

  it("refuses what the operator's parameters make of a finite adjoint state, and tells where failures are used", () => {
    const infinite = Number.POSITIVE_INFINITY
    expect(numbers(solution(infinite)(s(1)))).toEqual([0.5])
    expect(left(evaluate(gradient(solution(infinite))))).toMatchObject({ solves: [{ site: "linearSolve'", status: "NonFinite" }] })
    const { values, solves } = outcome(gradient(solution(infinite, "useBest")))
    expect(values).toEqual([[Number.NaN]])
    expect(solves).toContainEqual(expect.objectContaining({ site: "linearSolve'", status: "NonFinite" }))
  })

  it("tells of one solve and its adjoint where all is finite", () => {
    const { values, solves } = outcome(gradient(solution(0.5)))
    const t = Math.tanh(0.5)
    expect((values[0] as readonly number[])[0]).toBeCloseTo((-0.5 * (1 - t * t)) / (1 + t) ** 2, 12)
    expect(solves.map(({ site, status }) => [site, status])).toEqual([
      ["linearSolve", "Converged"],
      ["linearSolve'", "Converged"],
    ])
  })
})
