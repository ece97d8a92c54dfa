/** phantom(k, tau): damped differentiated steps from the stopped solution. */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { evaluate, grad, type Tensor, tensor, vjp } from "../../src/core/index.js"
import {
  type Adjoint,
  anderson,
  exact,
  fixedPoint,
  isBiased,
  iterate,
  neumann,
  oneStep,
  phantom,
  picard,
  solveFixedPoint,
} from "../../src/implicit/index.js"
import { add, log, mul, sum, tanh } from "../../src/ops/index.js"
import { A, affine, apply, b, zero2 } from "../support/contraction.js"
import { left, right } from "../support/either.js"
import { numbers, relativeError } from "../support/outcome.js"
import { exactTargets, numbersOn } from "../support/targets.js"

const tight = { atol: 1e-15, rtol: 1e-15, maxEvaluations: 2000 }
const u = tensor([1, 1]) as Tensor
const layer = (adjoint: Adjoint) => (c: Tensor) => fixedPoint(affine(A, c), zero2, anderson({ ...tight, adjoint }))
const pull = (adjoint: Adjoint) => numbers(vjp(layer(adjoint), b)[1](u))

/** tau sum over i < k of ((1 - tau) I + tau A')^i u for C13, by plain loops. */
const byHand = (k: number, tau: number): readonly number[] => {
  const at = [
    [0.2, -0.1],
    [0.3, 0.4],
  ]
  let term = [tau, tau]
  const total = [0, 0]
  for (let i = 0; i < k; i++) {
    for (const j of [0, 1]) total[j] = (total[j] as number) + (term[j] as number)
    term = [0, 1].map(
      (j) =>
        (1 - tau) * (term[j] as number) +
        tau * ((at[j]?.[0] as number) * (term[0] as number) + (at[j]?.[1] as number) * (term[1] as number)),
    )
  }
  return total
}

describe("phantom(k, tau)", () => {
  it("C48: the values, worked by hand", () => {
    // k = 1: tau u. k = 2, tau = 1/2: u/2 + (I + A')u/4 = (0.5 + 0.25 * 2.1, 0.5 + 0.25 * 2.7), the sum of rows of I + A' is 1 + (0.1, 0.7)
    expect(relativeError([0.5, 0.5], pull(phantom(1, 0.5)))).toBeLessThan(1e-15)
    expect(relativeError([0.775, 0.925], pull(phantom(2, 0.5)))).toBeLessThan(1e-14)
    expect(relativeError([1.1, 1.7], pull(phantom(2)))).toBeLessThan(1e-14)
  })

  it("is the truncated series of the damped map", () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.constantFrom(1, 0.75, 0.5, 0.1), (k, tau) => {
        expect(relativeError(byHand(k, tau), pull(phantom(k, tau)))).toBeLessThan(1e-13)
      }),
      { numRuns: 8 },
    ))

  it("phantom(k + 1, 1) is neumann(k) at the solution, of an f that is not affine too", () => {
    const W = tensor([
      [0.3, -0.4],
      [0.2, 0.1],
    ]) as Tensor
    const gradient = (adjoint: Adjoint) =>
      numbers(
        grad((w: Tensor) => sum(fixedPoint((z: Tensor) => tanh(add(apply(w, z), b)) as Tensor, zero2, anderson({ ...tight, adjoint }))))(W),
      )
    for (const k of [0, 1, 4]) expect(relativeError(gradient(neumann(k)), gradient(phantom(k + 1)))).toBeLessThan(1e-13)
  })

  it("tends to the exact gradient where the damped map contracts, also where f does not", () => {
    // f(z) = c - 1.5 z: (1 - tau) - 1.5 tau = -0.25 for tau = 1/2
    const one = (adjoint: Adjoint) =>
      numbers(
        grad((c: Tensor<[]>) =>
          fixedPoint((z: Tensor<[]>) => add(mul(z, -1.5), c) as Tensor<[]>, tensor(0) as Tensor<[]>, anderson({ ...tight, adjoint })),
        )(tensor(2) as Tensor<[]>),
      )
    expect(relativeError([0.4], one(exact()))).toBeLessThan(1e-13)
    expect(relativeError([0.4], one(phantom(30, 0.5)))).toBeLessThan(1e-13)
  })

  it("has the value of its last step", () => {
    const rough = numbers(fixedPoint(affine(A, b), zero2, iterate(3, { adjoint: phantom(2) })))
    expect(rough).toEqual(numbers(fixedPoint(affine(A, b), zero2, iterate(5))))
  })

  it("tells status and residual of its last step, and refuses one that is not finite", () => {
    const told = (k: number) => solveFixedPoint(affine(A, b), zero2, iterate(3, { adjoint: phantom(k) }))
    const plain = solveFixedPoint(affine(A, b), zero2, iterate(5))
    expect(numbers(told(2).residual)).toEqual(numbers(plain.residual))
    // in a unit of 1e-20 any state passes for converged; log(1/2 - 2 x) goes from 0 to -0.69, to 0.63 and out of its domain
    const small = (z: Tensor) => mul(log(add(mul(z, -2e20), 0.5)), 1e-20) as Tensor
    const from = (adjoint: Adjoint) => evaluate(fixedPoint(small, tensor([0]) as Tensor, picard({ adjoint })))
    expect(left(from(phantom(8)))).toMatchObject({ _tag: "NotConverged", solves: [{ status: "NonFinite" }] })
    expect(right(from(oneStep))).toBeDefined()
  })

  it("stops the solution: the initial state has no gradient", () => {
    const g = grad((z0: Tensor) => sum(fixedPoint(affine(A, b), z0, iterate(2, { adjoint: phantom(2, 0.5) }))))(b)
    expect(numbers(g)).toEqual([0, 0])
  })

  it("is biased, and refuses what is no number of steps or no damping", () => {
    expect(isBiased(picard({ adjoint: phantom(2) }))).toBe(true)
    expect(() => phantom(0)).toThrow("phantom: expected a whole number of at least 1, found 0")
    expect(() => phantom(2, 1.5)).toThrow("phantom: tau must lie in (0, 1], found 1.5")
  })

  it.each(exactTargets)("gives the same on %s", async (target, epsilon) => {
    const loss = (c: Tensor) => sum(fixedPoint(affine(A, c), zero2, anderson({ adjoint: phantom(4, 0.5) })))
    const found = await numbersOn(target, () => grad(loss)(b))
    expect(relativeError(byHand(4, 0.5), found)).toBeLessThan(64 * epsilon)
  })
})
