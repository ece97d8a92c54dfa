/** The norm of a Jacobian, and the explanation of a solve: predictions against what happened. */
import * as t from "io-ts"
import { describe, expect, it } from "vitest"
import { grad, type Tensor, tensor } from "../../src/core/index.js"
import {
  anderson,
  bilevel,
  broyden,
  checkpointed,
  damped,
  defineAdjoint,
  dense,
  exact,
  explainSolve,
  gmres,
  jacobianNorm,
  neumann,
  newton,
  oneStep,
  perRow,
  phantom,
  picard,
  type Solver,
  shine,
  showExplanation,
} from "../../src/implicit/index.js"
import { add, mul, sum, tanh } from "../../src/ops/index.js"
import { affine, c13, zero2 } from "../support/contraction.js"
import { right } from "../support/either.js"
import { number, numbers } from "../support/outcome.js"

const m = (rows: readonly (readonly number[])[]) => affine(tensor(rows) as Tensor, tensor([1, 1]) as Tensor)

describe("the norm of the Jacobian", () => {
  it.each([
    [
      "a diagonal",
      m([
        [0.3, 0],
        [0, -0.8],
      ]),
      0.8,
    ],
    // singular values of [[1/2, 10], [0, 1/2]]: the larger s has s^2 = (100.5 + sqrt(100.5^2 - 1/4)) / 2
    [
      "C14, whose spectral radius is 1/2",
      m([
        [0.5, 10],
        [0, 0.5],
      ]),
      Math.sqrt((100.5 + Math.sqrt(100.5 ** 2 - 0.25)) / 2),
    ],
    [
      "a nilpotent map",
      m([
        [0, 3],
        [0, 0],
      ]),
      3,
    ],
    [
      "zero",
      m([
        [0, 0],
        [0, 0],
      ]),
      0,
    ],
    [
      "a rotation by 0.9",
      m([
        [0, -0.9],
        [0.9, 0],
      ]),
      0.9,
    ],
  ] as const)("of %s", (_, f, expected) => void expect(number(jacobianNorm(f, zero2))).toBeCloseTo(expected, 9))

  it("is taken at the state, over all leaves, and is a constant to derivatives", () => {
    const f = ([a, b]: readonly [Tensor, Tensor]) => [tanh(mul(b, 2)) as Tensor, mul(a, 0.5) as Tensor] as const
    const at = [tensor([0]) as Tensor, tensor([0.5]) as Tensor] as const
    expect(number(jacobianNorm(f, at))).toBeCloseTo(2 * (1 - Math.tanh(1) ** 2), 9)
    expect(
      numbers(grad((w: Tensor) => sum(jacobianNorm((z: Tensor) => mul(z, w) as Tensor, zero2)))(tensor([0.5, 0.2]) as Tensor)),
    ).toEqual([0, 0])
  })
})

const explained = (f: (z: Tensor) => Tensor, by: Solver, init: Tensor = zero2) => right(explainSolve(f, init, by))

describe("an explanation", () => {
  it.each([0.2, 0.5, 0.9, 0.95])("predicts the evaluations of repeated application on a contraction by %s", (rho) => {
    const e = explained(
      m([
        [rho, 0],
        [0, -rho],
      ]),
      picard({ maxEvaluations: 2000 }),
    )
    expect(e).toMatchObject({ status: "Converged", unknowns: 2, rows: 1, budget: 2000 })
    expect(e.spectralRadius).toBeCloseTo(rho, 9)
    expect(Math.abs((e.repeated as number) - e.evaluations)).toBeLessThanOrEqual(2)
  })

  it("is of the damped map where the method is damped", () => {
    const e = explained(
      m([
        [-1.2, 0],
        [0, 0.5],
      ]),
      damped(picard(), 0.5),
    )
    expect(e.spectralRadius).toBeCloseTo(0.75, 9)
    expect(Math.abs((e.repeated as number) - e.evaluations)).toBeLessThanOrEqual(2)
  })

  it("tells that no number of applications is enough, of a solve that found the solution otherwise", () => {
    const e = explained(
      m([
        [2, 0],
        [0, 0.5],
      ]),
      newton(),
    )
    expect(e).toMatchObject({ status: "Converged", repeated: null, productsPerTurn: 2 })
    expect(showExplanation(e)).toContain("repeated application does not converge from nearby")
  })

  it("tells of a solve that failed, and of growth before convergence", () => {
    expect(explained((z) => add(mul(z, 2), 1) as Tensor, picard(), tensor([0.5]) as Tensor)).toMatchObject({
      status: "Diverged",
      repeated: null,
    })
    const text = showExplanation(
      explained(
        m([
          [0.5, 10],
          [0, 0.5],
        ]),
        anderson(),
      ),
    )
    expect(text).toContain("it converges, but residuals may grow before they fall")
  })

  it("tells what auto chose for the adjoint and why", () => {
    expect(explained(c13, picard()).adjointReason).toMatch(/^auto chose dense: 2 unknowns are at most 64; 3 products/)
    const wide = tensor(Array.from({ length: 65 }, () => 0)) as Tensor
    expect(explained((z) => mul(z, 0.5), picard(), wide).adjointReason).toMatch(
      /^auto chose gmres, and dense where that fails: 65 unknowns are more than 64/,
    )
    expect(explained(c13, picard({ adjoint: exact(gmres()) })).adjointReason).toMatch(/^gmres as asked for/)
    expect(explained(c13, picard({ adjoint: exact(dense()) })).adjoint).toBe("exact(dense)")
    expect(explained(c13, picard({ adjoint: neumann(3) }))).toMatchObject({ adjoint: "neumann(3)" })
    expect(explained(c13, picard({ adjoint: oneStep })).adjointReason).toContain("biased")
  })

  it.each([
    [phantom(5, 0.5), "phantom(5, 0.5)", /biased; 5 evaluations of f at the solution/],
    [shine(), "shine", /biased; two products with the pairs/],
    [shine({ guard: 0.1 }), "shine(0.1)", /at most that share, else auto chose dense: 3 products/],
    [checkpointed(20, 4), "checkpointed(20, 4)", /^as asked for; the 20 steps run backwards, with at most 4 states kept/],
    [bilevel(oneStep), "bilevel(oneStep)", /the initial state gets the gradient of the solution; as asked for, biased; one product/],
  ] as const)("tells of an adjoint that is biased or made of steps", (adjoint, name, reason) => {
    const e = explained(c13, broyden({ adjoint }))
    expect(e.adjoint).toBe(name)
    expect(e.adjointReason).toMatch(reason)
  })

  it("tells the name of an adjoint that a user defined", () => {
    const own = defineAdjoint({ name: "explained", options: t.strict({}), differentiate: ({ f, z }) => f(z) })
    expect(explained(c13, picard({ adjoint: own({}) }))).toMatchObject({ adjoint: "explained" })
  })

  it("is of the worst row", () => {
    const xs = tensor([
      [0, 0],
      [3, -2],
      [0.1, 0],
    ]) as Tensor
    const f = (z: Tensor) => add(mul(z, 0.5), xs) as Tensor
    const e = explained(f, perRow(picard()), mul(xs, 0))
    expect(e).toMatchObject({ rows: 3, unknowns: 2, status: "Converged" })
    expect(Math.abs((e.repeated as number) - e.evaluations)).toBeLessThanOrEqual(2)
  })

  it("is text, a line a question", () =>
    expect(showExplanation(explained(c13, anderson())).split("\n")).toEqual([
      expect.stringMatching(/^anderson\(memory 5, mixing 1\) on 2 unknowns: Converged after \d+ of at most 256 evaluations, residual /),
      expect.stringMatching(/^spectral radius 0.33[123]?, norm of the Jacobian 0.502$/),
      expect.stringMatching(/^repeated application at that rate: \d+ evaluations$/),
      "a turn costs one evaluation of f",
      "adjoint exact(auto): auto chose dense: 2 unknowns are at most 64; 3 products with the Jacobian and one factorisation",
    ]))
})
