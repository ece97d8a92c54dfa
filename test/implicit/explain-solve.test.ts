/** The norm of a Jacobian, and the explanation of a solve: predictions against what happened. */
import * as t from "io-ts"
import { describe, expect, it } from "vitest"
import { grad, type Tensor, tensor } from "../../src/core/index.js"
import {
  type Adjoint,
  anderson,
  auto,
  bicgstab,
  bilevel,
  broyden,
  cg,
  checkpointed,
  damped,
  defineAdjoint,
  dense,
  exact,
  explainSolve,
  gmres,
  iteration,
  jacobianNorm,
  neumann,
  neumannIteration,
  newton,
  newtonKrylov,
  normalCg,
  oneStep,
  orElse,
  perRow,
  phantom,
  picard,
  type Solver,
  shine,
  showExplanation,
  truncated,
  unrolled,
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

interface Pair {
  readonly a: Tensor
  readonly b: Tensor
}

/** z / 2 + 1: every structure is true of its operator. */
const halving = (z: Tensor) => add(mul(z, 0.5), 1) as Tensor

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

  it.each([
    [
      exact(cg(), "positiveDefinite"),
      "exact(cg)",
      "cg as asked for; one product a step, at most 2 steps where nothing rounds and the memory holds them",
    ],
    [exact(bicgstab()), "exact(bicgstab)", /^bicgstab as asked for; two products a step, at most 2 steps/],
    [exact(normalCg()), "exact(normalCg)", "normalCg as asked for; two products a step, one of them with the transposed Jacobian"],
    [exact(neumannIteration()), "exact(picard)", "picard as asked for; one product a step, at the rate of the spectral radius"],
    [exact(iteration(anderson())), "exact(iteration)", "iteration as asked for; one product a step, as many as the method takes"],
    [exact(auto(), "diagonal"), "exact(auto)", "auto chose diagonal: the operator is diagonal; two products with the Jacobian"],
    [
      exact(auto(), "upperTriangular"),
      "exact(auto)",
      "auto chose substitution: the operator is upperTriangular; 3 products with the Jacobian and one substitution",
    ],
    [neumann(3), "neumann(3)", "as asked for, biased; 4 products with the Jacobian"],
    [oneStep, "oneStep", "as asked for, biased; one product with the Jacobian"],
    [unrolled(7), "unrolled(7)", "as asked for; the 7 steps run backwards"],
    [truncated(7, 2), "truncated(7, 2)", "as asked for, biased; the last 2 steps run backwards"],
  ] as const)("tells what an adjoint costs", (adjoint, name, reason) =>
    expect(explained(halving, picard({ adjoint: adjoint as Adjoint }))).toMatchObject({
      adjoint: name,
      adjointReason: typeof reason === "string" ? reason : expect.stringMatching(reason),
    }),
  )

  it("counts the unknowns of one row and of all leaves", () => {
    const xs = tensor(Array.from({ length: 70 }, () => [0, 0])) as Tensor
    const f = (z: Tensor) => add(mul(z, 0.5), xs) as Tensor
    // 140 numbers in two unknowns a row
    expect(explained(f, perRow(picard()), xs)).toMatchObject({
      unknowns: 2,
      rows: 70,
      adjointReason: expect.stringMatching(/^auto chose dense: 2/),
    })
    const pair = ({ a, b }: Pair): Pair => ({ a: mul(a, 0.5), b: add(mul(b, 0.5), 1) as Tensor })
    const e = right(explainSolve(pair, { a: zero2, b: tensor([1]) as Tensor }, picard()))
    expect(e).toMatchObject({ unknowns: 3, rows: 1, status: "Converged" })
  })

  it.each([
    [picard(), 0],
    [newtonKrylov(), 1],
    [newton(), 2],
    [orElse(newtonKrylov(), newton()), 3],
  ] as const)("counts the products that a turn costs at most", (by, products) => {
    const e = explained(halving, by)
    expect(e.productsPerTurn).toBe(products)
    expect(showExplanation(e)).toContain(
      products === 0
        ? "a turn costs one evaluation of f\n"
        : `a turn costs one evaluation of f and at most ${products} products with the Jacobian\n`,
    )
  })

  it("needs one evaluation where the start is the solution, and two where f is constant", () => {
    expect(explained(halving, picard(), tensor([2, 2]) as Tensor)).toMatchObject({ repeated: 1, evaluations: 1 })
    expect(explained((z) => add(mul(z, 0), 3) as Tensor, picard())).toMatchObject({ repeated: 2, evaluations: 2, spectralRadius: 0 })
  })

  it("predicts for the tolerance that was asked for, relative to the solution or not", () => {
    for (const tolerances of [
      { rtol: 1e-3, atol: 0 },
      { rtol: 0, atol: 1e-3 },
      { rtol: 1e-9, atol: 0 },
    ]) {
      const e = explained((z) => add(mul(z, 0.5), 1e3) as Tensor, picard(tolerances))
      expect(Math.abs((e.repeated as number) - e.evaluations)).toBeLessThanOrEqual(1)
    }
  })

  it("is of the map that is damped inside other combinators, as often as it is", () => {
    // eigenvalue -1.2: damped by 1/2 it is -0.1, by 1/4 it is 0.45
    const f = m([
      [-1.2, 0],
      [0, -1.2],
    ])
    const rows = tensor([[0, 0]]) as Tensor
    expect(explained((z) => mul(z, -1.2) as Tensor, perRow(damped(picard(), 0.5)), add(rows, 1) as Tensor).spectralRadius).toBeCloseTo(
      0.1,
      9,
    )
    expect(explained(f, damped(damped(picard(), 0.5), 0.5)).spectralRadius).toBeCloseTo(0.45, 9)
  })

  it("is of the worst row: the slowest, the most evaluations, the worst status", () => {
    const slopes = tensor([[0], [0.8], [1.5]]) as Tensor
    const f = (z: Tensor) => add(mul(z, slopes), 1) as Tensor
    const e = explained(f, perRow(picard()), tensor([[1], [0], [0]]) as Tensor)
    // the first row starts at its solution, the second takes longest, the third keeps the residual of its start
    expect(e).toMatchObject({ rows: 3, unknowns: 1, status: "Diverged", repeated: null, residual: 1 })
    expect(e.evaluations).toBeGreaterThan(90)
    expect(e.spectralRadius).toBeCloseTo(1.5, 9)
    expect(showExplanation(e)).toContain(" on 1 unknown a row, 3 rows; the worst of each figure: Diverged after ")
    expect(showExplanation(e)).toContain("no number of evaluations is enough")
  })

  it("tells the name of an adjoint that a user defined", () => {
    const own = defineAdjoint({ name: "explained", options: t.strict({}), differentiate: ({ f, z }) => f(z) })
    expect(explained(c13, picard({ adjoint: own({}) }))).toMatchObject({
      adjoint: "explained",
      adjointReason: "as asked for, biased; defined by its user",
    })
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
