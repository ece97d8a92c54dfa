/** root: z with F(z) = 0; its derivative is that of the root, whatever the method. */
import { describe, expect, it } from "vitest"
import { grad, type Tensor, tensor } from "../../src/core/index.js"
import {
  anderson,
  broyden,
  damped,
  fixedPoint,
  linearSolve,
  newton,
  newtonKrylov,
  picard,
  root,
  type Solver,
} from "../../src/implicit/index.js"
import { add, div, mul, neg, sub, sum, tanh } from "../../src/ops/index.js"
import { A, affine, apply, b, zero2 } from "../support/contraction.js"
import { number, numbers, relativeError } from "../support/outcome.js"

type Scalar = Tensor<[]>
const s = (x: number) => tensor(x) as Scalar
const tight = { atol: 1e-15, rtol: 1e-15 }

describe("root", () => {
  const cubeRoot = (solver: Solver) => (a: Scalar) => root((x: Scalar) => sub(mul(mul(x, x), x), a) as Scalar, s(1.9), solver)

  it.each([
    ["newton", newton()],
    ["newtonKrylov", newtonKrylov()],
    ["broyden", broyden()],
    ["anderson", anderson({ memory: 1 })],
  ] as const)("C10 by %s: the cube root and its derivatives", (_, solver) => {
    const f = cubeRoot({ ...solver, atol: 1e-13, rtol: 1e-13 })
    expect(number(f(s(8)))).toBeCloseTo(2, 12)
    expect(number(grad(f)(s(8)))).toBeCloseTo(1 / 12, 12)
    expect(number(grad((a: Scalar) => grad(f)(a) as Scalar)(s(8)))).toBeCloseTo(-1 / 144, 12)
  })

  it("does not care for the sign or the scale of F", () => {
    const by = (k: number) => (a: Scalar) => root((x: Scalar) => mul(sub(mul(mul(x, x), x), a), k) as Scalar, s(1.9), newton(tight))
    for (const k of [1, -1, 0.01, 100]) expect(number(grad(by(k))(s(8)))).toBeCloseTo(1 / 12, 12)
  })

  it("L10: for affine f, fixedPoint(f) = root(f - id) = linearSolve(I - A)", () => {
    const loss = (solve: (c: Tensor) => Tensor) => numbers(grad((c: Tensor) => sum(tanh(solve(c))))(b))
    const f = (c: Tensor) => affine(A, c)
    const byFixedPoint = loss((c) => fixedPoint(f(c), zero2, newton()))
    const byRoot = loss((c) => root((z: Tensor) => sub(f(c)(z), z) as Tensor, zero2, newton()))
    const bySolve = loss((c) => linearSolve((z: Tensor) => sub(z, apply(A, z)) as Tensor, c))
    expect(relativeError(byFixedPoint, byRoot)).toBeLessThan(1e-14)
    expect(relativeError(byFixedPoint, bySolve)).toBeLessThan(1e-14)
  })

  it("keeps the state's structure", () =>
    expect(() => root((z: { readonly x: Scalar }) => ({ y: z.x }) as never, { x: s(1) }, newton())).toThrow(
      /root: the state has the structure \{x: _\}, F returned \{y: _\}/,
    ))
})

describe("L5: the derivative is that of the solution, not of the map", () => {
  const f = (a: Scalar) => (z: Scalar) => tanh(add(mul(z, 0.5), a)) as Scalar
  const gradient = (make: (a: Scalar) => Scalar) => number(grad(make)(s(0.3)))
  const plain = gradient((a) => fixedPoint(f(a), s(0), newton(tight)))

  it.each([0.1, 0.5, 1])("damping by %d changes nothing, as a solver's option and as a map", (tau) => {
    const damp = (a: Scalar) => (z: Scalar) => add(mul(z, 1 - tau), mul(f(a)(z), tau)) as Scalar
    expect(gradient((a) => fixedPoint(f(a), s(0), damped(picard({ ...tight, maxEvaluations: 2000 }), tau)))).toBeCloseTo(plain, 13)
    expect(gradient((a) => fixedPoint(damp(a), s(0), newton()))).toBeCloseTo(plain, 13)
  })

  it("f after f has the derivative of f", () =>
    expect(gradient((a) => fixedPoint((z: Scalar) => f(a)(f(a)(z)), s(0), newton(tight)))).toBeCloseTo(plain, 13))

  it("a parameter written as a function of another follows the chain rule", () =>
    expect(number(grad((t: Scalar) => fixedPoint(f(div(neg(t), 2) as Scalar), s(0), newton()))(s(-0.6)))).toBeCloseTo(-plain / 2, 13))
})
