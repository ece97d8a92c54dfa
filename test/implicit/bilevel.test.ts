/** bilevel(of): the gradient of `of` for parameters, straight through for the initial state. */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { grad, jvp, type Tensor, tensor } from "../../src/core/index.js"
import {
  type Adjoint,
  anderson,
  bilevel,
  checkpointed,
  exact,
  fixedPoint,
  isBiased,
  iterate,
  neumann,
  oneStep,
  picard,
  solveFixedPoint,
  unrolled,
} from "../../src/implicit/index.js"
import { add, mul, stopGradient, sub, sum, tanh, vmap } from "../../src/ops/index.js"
import { A, affine, apply, b, zero2 } from "../support/contraction.js"
import { numbers } from "../support/outcome.js"
import { exactTargets, numbersOn } from "../support/targets.js"

interface P {
  readonly c: Tensor
  readonly init: Tensor
}
const at: P = { c: b, init: tensor([0.5, -2]) as Tensor }
const weights = tensor([3, -0.25]) as Tensor
const loss = (adjoint: Adjoint) => (p: P) =>
  sum(
    mul(
      fixedPoint((z: Tensor) => tanh(add(apply(A, z), p.c)) as Tensor, p.init, anderson({ adjoint })),
      weights,
    ),
  ) as Tensor<[]>

describe("bilevel(of)", () => {
  it.each([
    ["exact", exact()],
    ["oneStep", oneStep],
    ["neumann(3)", neumann(3)],
  ] as const)("of %s: its gradient to parameters, the cotangent itself to the initial state, bit for bit", (_, of) => {
    const { c, init } = grad(loss(bilevel(of)))(at)
    expect(numbers(init)).toEqual([3, -0.25])
    expect(numbers(c)).toEqual(numbers(grad(loss(of))(at).c))
  })

  it("is z + (init - stop(init)) in value and gradient", () => {
    const written = (p: P) =>
      sum(
        mul(
          add(
            fixedPoint((z: Tensor) => tanh(add(apply(A, z), p.c)) as Tensor, p.init, anderson()),
            sub(p.init, stopGradient(p.init)),
          ),
          weights,
        ),
      ) as Tensor<[]>
    expect(numbers(grad(loss(bilevel()))(at))).toEqual(numbers(grad(written)(at)))
    expect(numbers(loss(bilevel())(at))).toEqual(numbers(written(at)))
  })

  it("leaves the value as it is, bit for bit, where that sum would not: -0", () => {
    const minusZero = (_: Tensor) => tensor([-0]) as Tensor
    const init = tensor([7]) as Tensor
    const value = fixedPoint(minusZero, init, iterate(1, { adjoint: bilevel() }))
    expect(Object.is(numbers(value)[0], -0)).toBe(true)
    const written = add(fixedPoint(minusZero, init, iterate(1)), sub(init, stopGradient(init)))
    expect(Object.is(numbers(written)[0], 0)).toBe(true)
  })

  it("value, status and residual are those of `of`", () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5 }), (k) => {
        const told = (adjoint: Adjoint) => numbers(solveFixedPoint(affine(A, b), at.init, iterate(k, { adjoint })))
        expect(told(bilevel())).toEqual(told(exact()))
        expect(told(bilevel(oneStep))).toEqual(told(oneStep))
      }),
      { numRuns: 4 },
    ))

  it("passes forward mode and vmap, shared parameters and all", () => {
    const rows = tensor([
      [1, 0],
      [0, 2],
    ]) as Tensor
    const single = (init: Tensor) => fixedPoint(affine(A, b), init, picard({ adjoint: bilevel() }))
    expect(numbers(jvp(single, [zero2], [weights])[1])).toEqual([3, -0.25])
    expect(numbers(grad((r: Tensor) => sum(vmap(single)(r)))(rows))).toEqual([1, 1, 1, 1])
  })

  it("is biased, and refuses what reaches the initial state already", () => {
    expect(isBiased(picard({ adjoint: bilevel() }))).toBe(true)
    for (const of of [unrolled(3), checkpointed(3, 2), bilevel()]) expect(() => bilevel(of)).toThrow("reach the initial state already")
  })

  it.each(exactTargets)("gives the same on %s", async (target) => {
    const found = await numbersOn(target, () => grad(loss(bilevel(oneStep)))(at).init)
    expect(found).toEqual([3, -0.25])
  })
})
