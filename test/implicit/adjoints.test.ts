/** How derivatives pass a solve: the exact adjoint by every linear solver, and what the biased ones promise. */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { grad, type Tensor, tensor, vjp } from "../../src/core/index.js"
import {
  type Adjoint,
  anderson,
  damped,
  dense,
  exact,
  fixedPoint,
  gmres,
  isBiased,
  iterate,
  neumann,
  neumannIteration,
  newton,
  oneStep,
  perRow,
  picard,
  solveFixedPoint,
  truncated,
  unrolled,
} from "../../src/implicit/index.js"
import { add, div, mul, scan, stopGradient, sum, tanh } from "../../src/ops/index.js"
import { A, affine, apply, b, zero2 } from "../support/contraction.js"
import { number, numbers, relativeError } from "../support/outcome.js"

const W = tensor([
  [0.3, -0.4],
  [0.2, 0.1],
]) as Tensor
const x = tensor([0.5, -0.3]) as Tensor
const tight = { atol: 1e-15, rtol: 1e-15, maxEvaluations: 2000 }
const deq = (adjoint: Adjoint) => (p: { readonly W: Tensor; readonly x: Tensor }) =>
  fixedPoint((z: Tensor) => tanh(add(apply(p.W, z), p.x)) as Tensor, zero2, anderson({ ...tight, adjoint }))
const gradient = (adjoint: Adjoint) => numbers(grad((p: { readonly W: Tensor; readonly x: Tensor }) => sum(deq(adjoint)(p)))({ W, x }))
const pullC13 = (adjoint: Adjoint) =>
  numbers(vjp((c: Tensor) => fixedPoint(affine(A, c), zero2, anderson({ ...tight, adjoint })), b)[1](tensor([1, 1]) as Tensor))

describe("exact", () => {
  it.each([
    ["dense", dense()],
    ["gmres", gmres()],
    ["the Neumann iteration", neumannIteration()],
  ] as const)("by %s: the values of C46", (_, linear) => {
    const expected = [
      0.5219796240622211, -0.1512503676788097, 0.4671582701128525, -0.1353651691782188, 0.8077569738622956, 0.7229216107027995,
    ]
    expect(relativeError(expected, gradient(exact(linear)))).toBeLessThan(1e-11)
  })

  it("is not scaled by a step size (theseus 39)", () => {
    const by = (tau: number) =>
      numbers(grad((c: Tensor) => sum(fixedPoint(affine(A, c), zero2, damped(picard({ ...tight, maxEvaluations: 4000 }), tau))))(b))
    for (const tau of [0.1, 0.5, 1]) expect(relativeError([0.9803921568627451, 2.156862745098039], by(tau))).toBeLessThan(1e-12)
  })

  it("second derivatives hold with what a solve tells beside its solution, which is constant (ImplicitDifferentiation.jl 60)", () => {
    // C02: x = (x + a / x) / 2, the square root of a
    const root = (a: Tensor<[]>) => {
      const heron = (x: Tensor<[]>) => mul(add(x, div(a, x)), 0.5) as Tensor<[]>
      const { z, residual, evaluations } = solveFixedPoint(heron, tensor(1) as Tensor<[]>, picard(tight))
      return add(z, mul(add(residual, evaluations), 1)) as Tensor<[]>
    }
    const at = tensor(2) as Tensor<[]>
    expect(number(grad(root)(at))).toBeCloseTo(0.3535533905932738, 13)
    expect(number(grad((a: Tensor<[]>) => grad(root)(a))(at))).toBeCloseTo(-0.08838834764831844, 13)
  })

  it("costs nothing that depends on how the solution was found", () => {
    const far = tensor([30, -70]) as Tensor
    const from = (z0: Tensor, solver = picard(tight)) => numbers(grad((c: Tensor) => sum(fixedPoint(affine(A, c), z0, solver)))(b))
    for (const other of [from(far), from(zero2, damped(picard(tight), 0.5)), from(zero2, newton())])
      expect(relativeError(from(zero2), other)).toBeLessThan(1e-13)
  })
})

describe("neumann(k)", () => {
  it.each([
    [0, [1, 1]],
    [1, [1.1, 1.7]],
    [2, [1.05, 2.01]],
    [5, [0.98295, 2.15709]],
  ] as const)("C47: %i terms", (k, expected) => expect(relativeError(expected, pullC13(neumann(k)))).toBeLessThan(1e-14))

  it("neumann(0) is oneStep, in value and gradient, bit for bit", () => {
    expect(gradient(neumann(0))).toEqual(gradient(oneStep))
    expect(numbers(deq(neumann(0))({ W, x }))).toEqual(numbers(deq(oneStep)({ W, x })))
  })

  it("errs by at most q^(k+1) / (1 - q) times the cotangent", () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 12 }), (k) => {
        const q = 0.501976483784 // the norm of A (S16)
        const error = Math.hypot(...pullC13(neumann(k)).map((v, i) => v - (pullC13(exact())[i] as number)))
        expect(error).toBeLessThanOrEqual((Math.SQRT2 * q ** (k + 1)) / (1 - q))
        expect(error).toBeGreaterThan(1e-12 * 0.3 ** k) // and is no exact gradient in disguise
      }),
      { numRuns: 6 },
    ))

  it("tends to the exact gradient", () => expect(relativeError(gradient(exact()), gradient(neumann(60)))).toBeLessThan(1e-12))

  it("has the value of the solution, corrected by one application", () => {
    const rough = (adjoint: Adjoint) => numbers(fixedPoint(affine(A, b), zero2, iterate(3, { adjoint })))
    const z4 = numbers(fixedPoint(affine(A, b), zero2, iterate(4)))
    expect(rough(oneStep)).toEqual(z4)
    expect(rough(neumann(3))).toEqual(z4)
  })
})

describe("oneStep", () => {
  it("is one application of f at the stopped solution", () => {
    const solve = (p: { readonly W: Tensor; readonly x: Tensor }) =>
      fixedPoint((z: Tensor) => tanh(add(apply(p.W, z), p.x)) as Tensor, zero2, anderson(tight))
    const byHand = (p: { readonly W: Tensor; readonly x: Tensor }) => sum(tanh(add(apply(p.W, stopGradient(solve(p))), p.x)) as Tensor)
    expect(gradient(oneStep)).toEqual(numbers(grad(byHand)({ W, x })))
  })
})

describe("unrolled(n)", () => {
  const affine1 = (steps: number) => (p: { readonly b: Tensor<[]>; readonly x0: Tensor<[]> }) =>
    fixedPoint((z: Tensor<[]>) => add(mul(z, 0.5), p.b) as Tensor<[]>, p.x0, picard({ adjoint: unrolled(steps) }))
  const at = { b: tensor(1) as Tensor<[]>, x0: tensor(3) as Tensor<[]> }

  it("C49: the gradient reaches the initial state", () => {
    expect(number(affine1(4)(at))).toBe(2.0625)
    expect(numbers(grad(affine1(4))(at))).toEqual([1.875, 0.0625])
  })

  it("is the gradient of the loop written out, bit for bit", () => {
    const loop = (p: { readonly W: Tensor; readonly x: Tensor }) => {
      const [z] = scan((z: Tensor, _: null) => [tanh(add(apply(p.W, z), p.x)) as Tensor, null] as const, zero2, null, { length: 7 })
      return sum(z)
    }
    const layer = (p: { readonly W: Tensor; readonly x: Tensor }) =>
      sum(fixedPoint((z: Tensor) => tanh(add(apply(p.W, z), p.x)) as Tensor, zero2, picard({ adjoint: unrolled(7) })))
    expect(numbers(grad(layer)({ W, x }))).toEqual(numbers(grad(loop)({ W, x })))
  })

  it("tends to the exact gradient at the rate of the spectral radius", () => {
    const one = (c: Tensor, adjoint: Adjoint) => sum(fixedPoint(affine(A, c), zero2, { ...picard(tight), adjoint }))
    const error = (n: number) =>
      relativeError(numbers(grad((c: Tensor) => one(c, exact()))(b)), numbers(grad((c: Tensor) => one(c, unrolled(n)))(b)))
    const rate = (error(24) / error(8)) ** (1 / 16)
    expect(rate).toBeGreaterThan(0.3)
    expect(rate).toBeLessThan(0.36) // |0.3 +- 0.141i| = 0.332
  })

  it("follows damping, and refuses methods that are no repeated application", () => {
    const solver = damped(picard({ adjoint: unrolled(1) }), 0.25)
    expect(number(fixedPoint((z: Tensor) => mul(z, 0), tensor([4]) as Tensor, perRow(solver)))).toBe(3)
    expect(() => fixedPoint((z: Tensor) => mul(z, 0), tensor([4]) as Tensor, newton({ adjoint: unrolled(1) }))).toThrow(
      /newton is not repeated application/,
    )
  })
})

describe("truncated(n, k)", () => {
  const last = (k: number) =>
    numbers(grad((c: Tensor) => sum(fixedPoint(affine(A, c), zero2, iterate(0, { adjoint: truncated(6, k) }))))(b))
  it("differentiates the last k of n applications", () => {
    const sixth = numbers(fixedPoint(affine(A, b), zero2, iterate(6)))
    for (const k of [0, 1, 3, 6]) expect(numbers(fixedPoint(affine(A, b), zero2, iterate(0, { adjoint: truncated(6, k) })))).toEqual(sixth)
    expect(last(0)).toEqual([0, 0])
    expect(last(1)).toEqual([1, 1])
    expect(relativeError([1.1, 1.7], last(2))).toBeLessThan(1e-15)
  })

  it("truncated(n, n) is unrolled(n), but for the gradient to the initial state", () => {
    const by = (adjoint: Adjoint) => (c: Tensor, z0: Tensor) => sum(fixedPoint(affine(A, c), z0, picard({ adjoint })))
    const both = (adjoint: Adjoint) => numbers(grad(([c, z0]: readonly [Tensor, Tensor]) => by(adjoint)(c, z0))([b, b]))
    expect(both(truncated(6, 6)).slice(0, 2)).toEqual(both(unrolled(6)).slice(0, 2))
    expect(both(truncated(6, 6)).slice(2)).toEqual([0, 0])
    expect(both(unrolled(6))[2]).not.toBe(0)
  })

  it("can't differentiate more steps than there are", () =>
    expect(() => truncated(2, 3)).toThrow("can't differentiate the last 3 of 2 steps"))
})

describe("isBiased", () => {
  it("holds for the adjoints that promise first order only", () =>
    expect([exact(), unrolled(3), oneStep, neumann(9), truncated(3, 3)].map((adjoint) => isBiased(picard({ adjoint })))).toEqual([
      false,
      false,
      true,
      true,
      true,
    ]))
})
