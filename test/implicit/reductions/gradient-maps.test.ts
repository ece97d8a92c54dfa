/** Projected and proximal gradient: solutions by their optimality, derivatives that do not know the step. */
import { describe, expect, it, test } from "vitest"
import { grad, type Tensor } from "../../../src/core/index.js"
import {
  anderson,
  damped,
  picard,
  projectBox,
  projectedGradient,
  projectSimplex,
  proximalGradient,
  proxL1,
} from "../../../src/implicit/index.js"
import { dot, einsum, mul, sub, sum } from "../../../src/ops/index.js"
import { numbers, relativeError } from "../../support/outcome.js"
import { s, sameOnTargets, t } from "./support.js"

// a residual of 1e-15 is an error of that over 1 minus the rate, which is 0.95 for the smallest step
const tight = { atol: 1e-15, rtol: 1e-15, maxEvaluations: 4000 }
const H = t([
  [2, 1],
  [1, 2],
])
const quadratic = (q: Tensor) => (w: Tensor) => sub(mul(dot(w, einsum("ij,j->i", H, w)), 0.5), dot(q, w)) as Tensor<[]>

describe("C24: the lasso", () => {
  const qOf = (p: Tensor) =>
    einsum(
      "ij,j->i",
      t([
        [1, 0, 0],
        [0, 1, 0],
      ]),
      p,
    )
  const lambdaOf = (p: Tensor) => dot(p, t([0, 0, 1]))
  const lasso = (eta: Tensor<[]> | number) => (p: Tensor) =>
    proximalGradient(quadratic(qOf(p)), (v: Tensor, step) => proxL1(v, mul(lambdaOf(p), step) as Tensor), eta, t([0, 0]), picard(tight))
  const at = t([5, 2.2, 1])

  it.each([0.05, 0.25, 0.6])("with the step %d: the same point and the same derivative", (eta) => {
    expect(relativeError([2, 0], numbers(lasso(eta)(at)))).toBeLessThan(1e-13)
    const first = numbers(grad((p: Tensor) => dot(lasso(eta)(p), t([1, 0])))(at))
    expect(relativeError([0.5, 0, -0.5], first)).toBeLessThan(1e-13)
    expect(numbers(grad((p: Tensor) => dot(lasso(eta)(p), t([0, 1])))(at)).map(Math.abs)).toEqual([0, 0, 0])
  })

  it("does not move with the step", () =>
    expect(Math.abs(numbers(grad((eta: Tensor<[]>) => sum(lasso(eta)(at)))(s(0.25)))[0] as number)).toBeLessThan(1e-13))

  it("has the same value and gradient on the targets", () => sameOnTargets((p: Tensor) => dot(lasso(0.25)(p), t([1, 2])) as Tensor<[]>, at))
})

describe("a quadratic on the simplex", () => {
  const found =
    (eta: number, solver = picard(tight)) =>
    (q: Tensor) =>
      projectedGradient(quadratic(q), (z: Tensor) => projectSimplex(z), eta, t([1, 0]), solver)

  it.each([0.05, 0.3])("with the step %d: inside, dw/dq = [[1, -1], [-1, 1]]/(2 (H11 - H12))", (eta) => {
    // w = (a, 1 - a): a = 1/2 + (q1 - q2)/2
    expect(relativeError([0.6, 0.4], numbers(found(eta)(t([0.5, 0.3]))))).toBeLessThan(1e-13)
    expect(relativeError([0.5, -0.5], numbers(grad((q: Tensor) => dot(found(eta)(q), t([1, 0])))(t([0.5, 0.3]))))).toBeLessThan(1e-13)
  })

  it("at a vertex nothing moves, whatever the solver", () => {
    for (const solver of [picard(tight), damped(picard(tight), 0.5), anderson(tight)])
      expect(numbers(grad((q: Tensor) => dot(found(0.3, solver)(q), t([1, 0])))(t([5, 0]))).map(Math.abs)).toEqual([0, 0])
  })
})

test("on a box, as a tree: each leaf has its own projection", () => {
  interface Two {
    readonly a: Tensor
    readonly b: Tensor
  }
  const found = (p: Tensor) =>
    projectedGradient(
      ({ a, b }: Two) => sub(mul(sum(mul(a, a)), 0.5), sub(dot(p, a), mul(sum(mul(sub(b, p), sub(b, p))), 0.5))) as Tensor<[]>,
      ({ a, b }: Two) => ({ a: projectBox(a, 0, 1), b }),
      0.5,
      { a: t([0, 0]), b: t([0, 0]) },
      picard(tight),
    )
  expect(relativeError([0.4, 1, 0.4, 3], numbers(found(t([0.4, 3]))))).toBeLessThan(1e-13)
  expect(relativeError([1, 0], numbers(grad((p: Tensor) => sum(found(p).a))(t([0.4, 3]))))).toBeLessThan(1e-13)
})
