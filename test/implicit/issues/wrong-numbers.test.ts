/**
 * Silent wrong numbers that users of other libraries reported, each as what is right here. The number of an item is that of the list
 * in docs/peers-faults.md; the address of the thread stands beside it.
 */
import { describe, expect, it } from "vitest"
import { evaluate, grad, type Tensor, tensor } from "../../../src/core/index.js"
import {
  damped,
  exact,
  fixedPoint,
  type LinearSolver,
  linearSolve,
  neumannIteration,
  newton,
  picard,
  solveFixedPoint,
  unrolled,
} from "../../../src/implicit/index.js"
import { add, checkpoint, cos, div, exp, hessian, indexAxis, mul, relu, scan, sin, sub, sum, tanh, vmap } from "../../../src/ops/index.js"
import { measure } from "../../conformance/measure.js"
import { standard } from "../../conformance/row.js"
import { rows } from "../../conformance/rows.js"
import { A, affine, apply, b, c13, zero2 } from "../../support/contraction.js"
import { left } from "../../support/either.js"
import { generalLinearSolvers, linearSolverList } from "../../support/implicit-lists.js"
import { number, numbers, outcome, relativeError } from "../../support/outcome.js"

type Scalar = Tensor<[]>
const s = (x: number) => tensor(x) as Scalar
const tight = { atol: 1e-14, rtol: 1e-14, maxEvaluations: 4000 }
const isDirect = ({ _tag }: LinearSolver) => _tag === "dense" || _tag === "auto"

// https://github.com/google/jaxopt/issues/466
describe("1: an adjoint solve that gives up is a value, never a zero gradient", () => {
  const M = tensor([
    [1, 0],
    [0, 1e-6],
  ]) as Tensor
  const loss = (solver: LinearSolver) => (right: Tensor) =>
    sum(
      fixedPoint(
        (z: Tensor) => add(sub(z, apply(M, z)), right) as Tensor,
        zero2,
        newton({ adjoint: exact(solver), name: "layer", ...tight, atol: 1e-9 }),
      ),
    )
  const ones = tensor([1, 1]) as Tensor

  it.each(linearSolverList.filter(({ value }) => !isDirect(value)))("after one product of $name", ({ value }) => {
    const error = left(evaluate(grad(loss({ ...value, maxEvaluations: 1 } as LinearSolver))(ones)))
    expect(error).toMatchObject({ _tag: "NotConverged", solves: [{ site: "layer'" }] })
    expect(error._tag === "NotConverged" && error.solves[0]?.residual).toBeGreaterThan(1e-3)
  })

  it.each(generalLinearSolvers)(
    "with its full budget $name gives the gradient, a million in the second component",
    ({ value }) => void expect(relativeError([1, 1e6], numbers(grad(loss(value))(ones)))).toBeLessThan(1e-9),
  )
})

// https://github.com/patrick-kidger/lineax/issues/18
describe("3: a singular matrix is refused, its gradient too", () => {
  const M = tensor([
    [1, 0],
    [0, 0],
  ]) as Tensor
  const solve = (solver: LinearSolver, right: Tensor) => linearSolve((x: Tensor) => apply(M, x), right, { solver })

  it.each(linearSolverList)(
    "$name, without a solution",
    ({ value }) => void expect(left(evaluate(solve(value, tensor([1, 1]) as Tensor)))).toMatchObject({ _tag: "NotConverged" }),
  )

  it.each(linearSolverList)("$name, with many: a solution or a refusal, and no gradient", ({ value }) => {
    const right = tensor([1, 0]) as Tensor
    const found = evaluate(solve(value, right))
    if (found._tag === "Right") expect(numbers(apply(M, found.right))).toEqual([1, 0])
    expect(left(evaluate(grad((r: Tensor) => sum(solve(value, r)))(right)))).toMatchObject({ _tag: "NotConverged" })
  })
})

// https://github.com/patrick-kidger/equinox/pull/408
describe("4: loops have the gradient of what they compute", () => {
  const looped = (length: number, body: (z: Scalar, t: Scalar) => Scalar) => (t: Scalar) =>
    scan((z: Scalar, _: null) => [body(z, t), null] as const, mul(t, 2) as Scalar, null, { length })[0] as Scalar

  it.each([
    [0, 2],
    [1, Math.cos(0.4)],
    [5, Math.cos(0.4)],
  ])("of a body that ignores what it carries, %i times", (length, expected) => {
    expect(number(grad(looped(length, (_, t) => sin(t) as Scalar))(s(0.4)))).toBeCloseTo(expected, 15)
    const layer = (t: Scalar) => fixedPoint((_: Scalar) => sin(t) as Scalar, mul(t, 2) as Scalar, picard({ adjoint: unrolled(length) }))
    expect(number(grad(layer)(s(0.4)))).toBeCloseTo(expected, 15)
  })

  it.each([0, 1, 7])("with checkpoints as without, to the bit, %i turns", (length) => {
    const body = (z: Scalar, t: Scalar) => tanh(add(mul(z, 0.5), t)) as Scalar
    const plain = looped(length, body)
    const kept = looped(length, (z, t) => checkpoint(([v, w]: readonly [Scalar, Scalar]) => body(v, w))([z, t]) as Scalar)
    expect(numbers([kept(s(0.4)), grad(kept)(s(0.4))])).toEqual(numbers([plain(s(0.4)), grad(plain)(s(0.4))]))
  })
})

// https://github.com/cvxgrp/cvxpylayers/issues/127, .../145, .../85, .../67, .../70, .../120
describe("6: optimisation as a layer", () => {
  it.each(rows.filter(({ id }) => ["C26", "C29", "C30"].includes(id)))("$id, $what: value and derivatives to 1e-10", (row) => {
    for (const solver of Object.values(row.solvers ?? standard))
      for (const [what, error] of Object.entries(measure(row, solver))) expect(error, what).toBeLessThan(1e-10)
  })

  it("gradients are additive", () => {
    const z = (c: Tensor) => fixedPoint((v: Tensor) => tanh(affine(A, c)(v)) as Tensor, zero2, newton(tight))
    const [one, two] = [(c: Tensor) => sum(sin(z(c))), (c: Tensor) => sum(exp(z(c)))]
    const [g1, g2, both] = [one, two, (c: Tensor) => add(one(c), two(c)) as Scalar].map((f) => numbers(grad(f)(b))) as [
      number[],
      number[],
      number[],
    ]
    expect(
      relativeError(
        g1.map((x, i) => x + (g2[i] as number)),
        both,
      ),
    ).toBeLessThan(1e-10)
  })

  it("a solution that does not move has the gradient zero, and is no failure", () => {
    // the box keeps the minimum of a linear cost in a corner
    const corner = (c: Tensor) => fixedPoint((z: Tensor) => sub(1, relu(sub(1, relu(sub(z, c))))) as Tensor, zero2, picard())
    expect(numbers(corner(tensor([-2, 3]) as Tensor))).toEqual([1, 0])
    const moved = numbers(grad((c: Tensor) => sum(corner(c)))(tensor([-2, 3]) as Tensor))
    expect(moved.every((g) => g === 0)).toBe(true)
  })
})

// https://github.com/facebookresearch/theseus/issues/39, https://github.com/facebookresearch/theseus/pull/425
describe("7: the gradient does not depend on the length of the step", () => {
  const gradient = (solve: (c: Tensor) => Tensor) => numbers(grad((c: Tensor) => sum(tanh(solve(c))))(b))
  const plain = gradient((c) => fixedPoint(affine(A, c), zero2, newton(tight)))

  it.each([0.1, 0.5, 1])("tau = %d, as the solver's damping and as the map's", (tau) => {
    expect(
      relativeError(
        plain,
        gradient((c) => fixedPoint(affine(A, c), zero2, damped(picard(tight), tau))),
      ),
    ).toBeLessThan(1e-12)
    const map = (c: Tensor) => (z: Tensor) => add(mul(z, 1 - tau), mul(affine(A, c)(z), tau)) as Tensor
    expect(
      relativeError(
        plain,
        gradient((c) => fixedPoint(map(c), zero2, newton(tight))),
      ),
    ).toBeLessThan(1e-12)
  })
})

// https://github.com/optiland/optiland/pull/724
describe("8: no constant can hide from the gradient", () => {
  // z = a z + p with a = 0.5: dz/dp = 2, whatever way p came in
  const layer = (offset: (z: Scalar) => Scalar) => fixedPoint((z: Scalar) => add(mul(z, 0.5), offset(z)) as Scalar, s(0), picard(tight))
  const hidden: Readonly<Record<string, (p: Scalar) => Scalar>> = {
    "a captured scalar": (p) => layer(() => p),
    "a leaf of a captured tree": (p) => {
      const tree = { deep: [{ p }, 3] as const }
      return layer(() => tree.deep[0].p)
    },
    "captured in a function within the function": (p) => {
      const outer = () => () => p
      return layer(() => outer()())
    },
    "captured in the body of a loop inside": (p) =>
      layer((z) => sub(scan((v: Scalar, _: null) => [add(v, div(p, 4)) as Scalar, null] as const, z, null, { length: 4 })[0], z) as Scalar),
    "captured in a solve inside": (p) => layer(() => fixedPoint((v: Scalar) => add(mul(v, 0.5), div(p, 2)) as Scalar, s(0), picard(tight))),
    "captured by a batched function inside": (p) =>
      layer(() => indexAxis(vmap((x: Scalar) => mul(x, p) as Scalar)(tensor([1, 7])), 0, 0) as Scalar),
    "computed before, from another captured one": (p) => {
      const twice = mul(p, 2) as Scalar
      return layer(() => div(twice, 2) as Scalar)
    },
  }
  it.each(Object.entries(hidden))("%s", (_, f) => void expect(number(grad(f)(s(0.7)))).toBeCloseTo(2, 11))
})

// https://github.com/patrick-kidger/optimistix/issues/54
describe("9: where the search began has no influence", () => {
  it("the gradient to the start is exactly zero", () =>
    expect(numbers(grad((z0: Tensor) => sum(fixedPoint(c13, z0, picard())))(tensor([3, -4]) as Tensor))).toEqual([0, 0]))

  it("and whoever wants that of the finite program asks for it", () => {
    const found = grad((z0: Tensor) => sum(fixedPoint(c13, z0, picard({ adjoint: unrolled(2) }))))(zero2)
    // (A')^2 u for u = (1, 1)
    expect(relativeError([-0.05, 0.31], numbers(found))).toBeLessThan(1e-14)
  })
})

// https://github.com/google/jaxopt/issues/270
describe("10: a minimum that is not unique has no derivative", () => {
  it.each(linearSolverList)("$name refuses it", ({ value }) => {
    const loss = (t: Scalar) =>
      sum(
        fixedPoint(
          (z: Tensor) => sub(z, mul(tensor([0.5, 0]), sub(z, t))) as Tensor,
          tensor([0, 3]) as Tensor,
          picard({ ...tight, adjoint: exact(value), name: "loose" }),
        ),
      )
    expect(evaluate(loss(s(1)))._tag).toBe("Right")
    const error = left(evaluate(grad(loss)(s(1))))
    expect(error).toMatchObject({ _tag: "NotConverged", solves: [{ site: "loose'" }] })
    if (isDirect(value)) expect(error).toMatchObject({ solves: [{ status: "Singular" }] })
  })
})

// https://github.com/JuliaDecisionFocusedLearning/ImplicitDifferentiation.jl/issues/60
describe("11: what a solve tells beside its solution changes no derivative", () => {
  it("C02: the Hessian of the square root of 2 is -0.0884, with the report used", () => {
    const root2 = (a: Scalar) => {
      const told = solveFixedPoint((x: Scalar) => mul(add(x, div(a, x)), 0.5) as Scalar, s(1.5), newton(tight))
      return add(told.z, add(told.residual, add(told.status, told.evaluations))) as Scalar
    }
    expect(number(hessian(root2)(s(2)))).toBeCloseTo(-0.08838834764831844, 12)
  })

  it("and none is made up for it", () => {
    const told = (a: Scalar) => solveFixedPoint((x: Scalar) => cos(add(x, a)) as Scalar, s(1), picard({ rtol: 1e-3, atol: 1e-3 })).residual
    expect(number(grad((a: Scalar) => told(a) as Scalar)(s(0.1)))).toBe(0)
    expect(outcome(told(s(0.1))).values[0]?.[0]).toBeGreaterThan(0)
  })
})

describe("what these tests lean on", () => {
  it("the Neumann iteration needs a contraction and says so", () =>
    expect(evaluate(linearSolve((x: Tensor) => mul(x, 3), b, { solver: neumannIteration() }))._tag).toBe("Left"))
})
