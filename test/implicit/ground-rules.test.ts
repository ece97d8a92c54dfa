/** The rules G1 to G7 of shared/reference/implicit.md (section 2.0), which every peer breaks somewhere. */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { evaluate, grad, jvp, type Tensor, tensor, vjp } from "../../src/core/index.js"
import {
  anderson,
  dense,
  exact,
  fixedPoint,
  gmres,
  type LinearSolver,
  linearSolve,
  neumannIteration,
  picard,
  solveFixedPoint,
} from "../../src/implicit/index.js"
import { add, mul, norm, sqrt, sub, sum, tanh, vmap } from "../../src/ops/index.js"
import { A, affine, apply, b, c13, zero2 } from "../support/contraction.js"
import { left } from "../support/either.js"
import { number, numbers, outcome, relativeError, solveOf } from "../support/outcome.js"

const linearSolvers: readonly (readonly [string, LinearSolver])[] = [
  ["dense", dense()],
  ["gmres", gmres()],
  ["picard", neumannIteration()],
]

describe("G1: the residual told is that of the iterate returned, undamped", () => {
  it("where the last iterate is not the best", () => {
    const f = (z: Tensor) => add(mul(z, -1.5), 1) as Tensor
    const s = solveFixedPoint(f, tensor([0.5]) as Tensor, picard({ onFailure: "useBest" }))
    expect(numbers([s.z, s.residual])).toEqual([0.5, 0.25])
  })
})

describe("G2: a comparison with NaN stops the solve as NonFinite", () => {
  it.each(["atol", "rtol"])("whatever %s is", (which) => {
    const f = (z: Tensor) => sqrt(sub(z, 1))
    const solver = picard({ [which]: 1e300 })
    expect(solveOf(fixedPoint(f, tensor([0.5]) as Tensor, solver), "fixedPoint")).toMatchObject({ status: "NonFinite", evaluations: 1 })
  })
})

describe("G3: iterates are chosen, never mixed", () => {
  it("a row that is NaN leaves the others as they are alone", () => {
    const solve = (c: Tensor) =>
      fixedPoint((z: Tensor) => tanh(add(mul(z, 0.5), c)) as Tensor, tensor(0) as Tensor, anderson({ onFailure: "useBest" }))
    const rows = outcome(vmap(solve)(tensor([0.3, Number.NaN, -1]) as Tensor)).values.flat()
    expect([rows[0], rows[2]]).toEqual([...numbers(solve(tensor(0.3) as Tensor)), ...numbers(solve(tensor(-1) as Tensor))])
    expect(rows[1]).toBe(0)
  })
})

describe.each(linearSolvers)("G4: with %s, a cotangent c times as large has an adjoint c times as large", (_, linear) => {
  const pull = (u: Tensor) => {
    const [, back] = vjp((p: Tensor) => fixedPoint(affine(A, p), zero2, anderson({ adjoint: exact(linear) })), b)
    return back(u)[0] as Tensor
  }
  const unit = numbers(pull(tensor([1, 0.75]) as Tensor))

  it("to the bit, for powers of two from 1e-150 to 1e150", () =>
    fc.assert(
      fc.property(fc.integer({ min: -498, max: 498 }), (k) => {
        const c = 2 ** k
        expect(numbers(pull(tensor([c, 0.75 * c]) as Tensor))).toEqual(unit.map((x) => x * c))
      }),
      { numRuns: 12, examples: [[-498], [498]] },
    ))

  it("to rounding, for powers of ten", () => {
    for (const c of [1e-150, 1e-100, 1e100, 1e150])
      expect(
        relativeError(
          unit.map((x) => x * c),
          numbers(pull(tensor([c, 0.75 * c]) as Tensor)),
        ),
      ).toBeLessThan(1e-14)
  })

  it("a cotangent of zero has the adjoint zero, without a turn of the solver", () => {
    const { values, solves } = outcome(linearSolve((x: Tensor) => apply(A, x), zero2, { solver: linear }))
    expect(values).toEqual([[0, 0]])
    // one product measures the operator, one tells the residual of zero, one that of the end
    if (linear._tag !== "dense") expect(solves).toMatchObject([{ status: "Converged", residual: 0, evaluations: 3 }])
  })
})

describe.each(linearSolvers)("G5: with %s, a linear solve tells |b - M x| / |b| of the x that it returns", (_, linear) => {
  const m = tensor([
    [4, 1, 0],
    [1, 3, -1],
    [0.5, 0, 2],
  ]) as Tensor
  const right = tensor([3, 40, -200]) as Tensor
  it.each([1, 2, 200])("after %i products", (maxEvaluations) => {
    // I - M is no contraction for the Neumann iteration: it diverges, and says so
    const solver = linear._tag === "dense" ? linear : { ...linear, maxEvaluations }
    const x = linearSolve((v: Tensor) => apply(m, v), right, { solver, onFailure: "useBest" })
    const residual = sub(right, apply(m, x)) as Tensor
    const expected = number(norm(residual)) / number(norm(right))
    const { residual: told } = solveOf(x, "linearSolve")
    if (expected > 1e-12) expect(Math.abs(told / expected - 1)).toBeLessThan(1e-13)
    else expect(told).toBeLessThan(1e-12)
  })
})

describe("G6: no gradient leaves a layer that did not converge", () => {
  const layer = (w: Tensor<[]>, more: object = {}) =>
    sum(fixedPoint((z: Tensor) => add(mul(z, w), 1) as Tensor, tensor([0]) as Tensor, picard({ maxEvaluations: 40, ...more })))

  it("forward", () =>
    expect(left(evaluate(grad((w: Tensor<[]>) => layer(w))(tensor(0.999) as Tensor<[]>)))).toMatchObject({
      _tag: "NotConverged",
      solves: [{ site: "fixedPoint", status: "Exhausted" }],
    }))

  it("backward: the adjoint solve is a site of its own", () => {
    const weak = { adjoint: exact(gmres({ maxEvaluations: 1 })), name: "weak" }
    const loss = (c: Tensor) => sum(fixedPoint(affine(A, c), zero2, anderson(weak)))
    expect(left(evaluate(grad(loss)(b)))).toMatchObject({ solves: [{ site: "weak'", status: "Exhausted" }] })
    expect(evaluate(loss(b))._tag).toBe("Right")
  })

  it("unless the policy says so", () =>
    expect(evaluate(grad((w: Tensor<[]>) => layer(w, { onFailure: "useBest" }))(tensor(0.999) as Tensor<[]>))._tag).toBe("Right"))
})

describe("G7: what is no function of the solution has no derivative", () => {
  it("the gradient to the initial state is exactly zero", () =>
    expect(numbers(grad((z0: Tensor) => sum(fixedPoint(c13, z0, picard())))(tensor([3, -4]) as Tensor))).toEqual([0, 0]))

  it("nor has it a tangent", () => expect(numbers(jvp((z0: Tensor) => fixedPoint(c13, z0, picard()), [zero2], [b])[1])).toEqual([0, 0]))

  it("status, residual and evaluations are constants", () => {
    const told = (c: Tensor) => {
      const s = solveFixedPoint(affine(A, c), zero2, picard({ rtol: 1e-3, atol: 1e-3 }))
      return add(add(s.residual, s.status), s.evaluations) as Tensor<[]>
    }
    expect(numbers(grad(told)(b))).toEqual([0, 0])
  })
})
