/** Minima as roots of gradients: hyper-gradients to second order, trees, and refusal where the minimum is not unique. */
import { describe, expect, it, test } from "vitest"
import { grad, type Tensor } from "../../../src/core/index.js"
import { anderson, minimizer, newton, newtonKrylov, picard, type Solver } from "../../../src/implicit/index.js"
import { add, dot, einsum, exp, mul, square, sub, sum } from "../../../src/ops/index.js"
import { number, numbers, outcome, relativeError } from "../../support/outcome.js"
import { s, sameOnTargets, secondDerivatives, t } from "./support.js"

const tight = { atol: 1e-14, rtol: 1e-14 }

describe("a minimum in a tree", () => {
  interface Pair {
    readonly a: Tensor<[]>
    readonly b: Tensor
  }
  // min over (a, b) of (a - p)^2/2 + |b|^2/2 + a sum(b) - q'b: a = p - sum b, b = q - a
  const found = (solver: Solver) => (p: Tensor) =>
    minimizer(
      ({ a, b }: Pair) =>
        add(
          mul(add(square(sub(a, dot(p, t([1, 0, 0])))), mul(sum(square(b)), 4)), 0.5),
          sub(mul(a, sum(b)), dot(p, t([0, 1, 1]))) as Tensor,
        ) as Tensor<[]>,
      { a: s(0), b: t([0, 0]) },
      solver,
    )
  it.each([
    ["newton", newton(tight)],
    ["newtonKrylov", newtonKrylov(tight)],
  ] as const)("by %s", (_, solver) => {
    const { a, b } = found(solver)(t([1, 2, 3]))
    // b_i = -a/4, a - p + sum b = 0: a = 2 p
    expect(relativeError([2, -0.5, -0.5], numbers([a, b]))).toBeLessThan(1e-14)
    expect(relativeError([2, 0, 0], numbers(grad((p: Tensor) => found(solver)(p).a)(t([1, 2, 3]))))).toBeLessThan(1e-14)
  })
})

describe("C22 with X of one parameter: hyper-gradient and hyper-Hessian", () => {
  const X = t([
    [1, 2],
    [3, 4],
    [5, 6],
  ])
  const ridge = (lambda: Tensor, solver: Solver) =>
    minimizer(
      (w: Tensor) =>
        mul(add(sum(square(sub(einsum("ij,j->i", X, w), t([1, 2, 3])))), mul(mul(sum(square(w)), lambda), 3)), 0.5) as Tensor<[]>,
      t([0, 0]),
      solver,
    )
  it.each([
    ["newton", newton(tight)],
    ["gradient descent's fixed point by anderson", anderson({ ...tight, memory: 2, maxEvaluations: 500 })],
  ] as const)("by %s", (_, solver) => {
    const first = (l: Tensor) => dot(ridge(dot(l, t([1])), solver), t([1, 0]))
    expect(number(grad(first)(t([0.1])))).toBeCloseTo(0.5975390279818251, 11)
    for (const found of secondDerivatives(first, [0.1], [1], [1])) expect(found).toBeCloseTo(-6.435477399866926, 9)
  })
})

test("bilevel: the weight decay that minimises a validation loss, found by Newton's method on the hyper-gradient", () => {
  // w(l) = argmin (w - 2)^2/2 + e^l w^2/2 = 2/(1 + e^l); validation (w - 1)^2/2 is least at w = 1, e^l = 1
  const w = (l: Tensor<[]>) =>
    minimizer((w: Tensor<[]>) => mul(add(square(sub(w, 2)), mul(exp(l), square(w))), 0.5) as Tensor<[]>, s(0), newton(tight))
  const validation = (l: Tensor<[]>) => mul(square(sub(w(l), 1)), 0.5) as Tensor<[]>
  expect(number(minimizer(validation, s(0.5), newton(tight)))).toBeCloseTo(0, 12)
})

describe("item 10: a minimum that is not unique", () => {
  interface Point {
    readonly x: Tensor<[]>
    readonly y: Tensor<[]>
  }
  const flat = (solver: Solver) => (a: Tensor<[]>) =>
    minimizer(({ x, y }: Point) => mul(square(sub(add(x, mul(y, 0)), a)), 0.5) as Tensor<[]>, { x: s(0), y: s(1) }, solver).x

  it("has a value by descent, and no derivative: Singular", () => {
    expect(number(flat(picard())(s(2)))).toBe(2)
    expect(outcome(grad(flat(picard()))(s(2))).refused).toMatchObject([{ status: "Singular" }])
  })

  it("is refused by Newton's method", () => expect(outcome(flat(newton())(s(2))).refused).toMatchObject([{ status: "Singular" }]))
})

test("value and gradient are the same on the targets", () =>
  sameOnTargets(
    (p: Tensor) =>
      sum(minimizer((z: Tensor) => add(sum(exp(z)), sub(mul(sum(square(z)), 0.5), dot(p, z))) as Tensor<[]>, t([0, 0, 0]), newton())),
    t([1, -2, 3]),
  ))
