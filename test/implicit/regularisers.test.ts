/** What keeps layers converging: the Jacobian penalty, spectrally normalised weights, losses on the way. */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { grad, type Tensor, tensor } from "../../src/core/index.js"
import {
  anderson,
  fixedPoint,
  fixedPointCorrection,
  iterate,
  jacobianPenalty,
  oneStep,
  spectralNormalised,
} from "../../src/implicit/index.js"
import { add, cast, foldIn, type Key, key, less, square, stopGradient, sum, tanh, uniform } from "../../src/ops/index.js"
import { A, affine, apply, b, zero2 } from "../support/contraction.js"
import { number, numbers, relativeError } from "../support/outcome.js"
import { exactTargets, numbersOn } from "../support/targets.js"

/** Keys whose first probe of two signs is (1, 1) or (-1, -1), and (1, -1) or (-1, 1): the mean over both is the expectation. */
const equalAndUnequal = (): readonly [Key, Key] => {
  const signs = (k: Key) => numbers(cast(less(uniform(foldIn(k, 0), [2]), 0.5) as never, "float"))
  const keys = Array.from({ length: 20 }, (_, i) => key(i))
  const find = (same: boolean) => keys.find((k) => (signs(k)[0] === signs(k)[1]) === same) as Key
  return [find(true), find(false)]
}
const both = equalAndUnequal()

describe("jacobianPenalty", () => {
  it("C13: |A|_F^2 / 2 = 0.15 is the mean over all sign vectors", () => {
    const values = both.map((k) => number(jacobianPenalty(affine(A, b), zero2, k)))
    // |A'(1, 1)|^2 / 2 = (0.1^2 + 0.7^2) / 2 and |A'(1, -1)|^2 / 2 = (0.3^2 + 0.1^2) / 2
    expect(relativeError([0.25, 0.05], values)).toBeLessThan(1e-14)
    expect(((values[0] as number) + (values[1] as number)) / 2).toBeCloseTo(0.15, 14)
  })

  it("more probes are the mean over more keys", () => {
    const one = (i: number) => (number(jacobianPenalty(affine(A, b), zero2, key(i), { probes: 64 })) - 0.15) / (0.1 / Math.sqrt(64))
    for (const i of [1, 2, 3]) expect(Math.abs(one(i))).toBeLessThan(4) // the values are 0.25 and 0.05, of deviation 0.1
    expect(one(1)).not.toBe(one(2))
  })

  const W = [0.3, -0.4, 0.2, 0.1]
  const x = tensor([0.5, -0.3]) as Tensor
  const layer = (w: Tensor) => (z: Tensor) => tanh(add(apply(w, z), x)) as Tensor
  const solution = (w: Tensor) => fixedPoint(layer(w), zero2, anderson({ atol: 1e-14, rtol: 1e-14 }))
  const penalty = (w: Tensor, hold: boolean) => {
    const z = solution(w)
    const at = hold ? (stopGradient(z) as Tensor) : z
    return add(jacobianPenalty(layer(w), at, both[0]), jacobianPenalty(layer(w), at, both[1])) as Tensor<[]>
  }
  const square2 = (w: readonly number[]) => tensor(w, [2, 2]) as Tensor

  it("C46: its gradient, the solution's share included, against central differences of |A|_F^2 / n by plain arithmetic", () => {
    const frobenius = (w: readonly number[]) => {
      const z = numbers(solution(square2(w)))
      return [0, 1].reduce((total, i) => {
        const [p, q] = [w[2 * i] as number, w[2 * i + 1] as number]
        const slope = 1 - (z[i] as number) ** 2
        return total + (slope * slope * (p * p + q * q)) / 2
      }, 0)
    }
    const h = 1e-5
    const differences = W.map((_, i) => {
      const at = (d: number) => frobenius(W.map((v, k) => (k === i ? v + d : v)))
      return (at(h) - at(-h)) / (2 * h)
    })
    const found = numbers(grad((w: Tensor) => penalty(w, false))(square2(W))).map((v) => v / 2)
    expect(relativeError(differences, found)).toBeLessThan(1e-8)
    expect(found.every((v) => Math.abs(v) > 1e-3)).toBe(true)
    // with the solution held still it is another gradient
    expect(
      relativeError(
        found,
        numbers(grad((w: Tensor) => penalty(w, true))(square2(W))).map((v) => v / 2),
      ),
    ).toBeGreaterThan(1e-2)
  })

  it.each(exactTargets)("value and gradient on %s", async (target, epsilon) => {
    const values = () => both.map((k) => jacobianPenalty(affine(A, b), zero2, k))
    expect(relativeError([0.25, 0.05], await numbersOn(target, values))).toBeLessThan(8 * epsilon)
    const slope = () => grad((m: Tensor) => jacobianPenalty(affine(m, b), zero2, both[0]))(A)
    // of |A'v|^2 / 2 with v = (1, 1): v (A'v)', (A'v) = (0.1, 0.7)
    expect(relativeError([0.1, 0.7, 0.1, 0.7], await numbersOn(target, slope))).toBeLessThan(8 * epsilon)
  })

  it("is over all leaves of a state", () => {
    const f = ({ p, q }: { readonly p: Tensor; readonly q: Tensor }) => ({ p: add(q, 1) as Tensor, q: add(p, q) as Tensor })
    // A = [[0, 1], [1, 1]] on scalars: |A'(1, 1)|^2 / 2 = (1 + 4) / 2, |A'(1, -1)|^2 / 2 = (1 + 0) / 2
    const at = { p: tensor([0]) as Tensor, q: tensor([0]) as Tensor }
    expect(both.map((k) => number(jacobianPenalty(f, at, k)))).toEqual([2.5, 0.5])
  })
})

describe("spectralNormalised", () => {
  /** The largest singular value of a 2 by 3 matrix: the root of the larger eigenvalue of w w'. */
  const largest = (w: readonly number[]) => {
    const product = (i: number, j: number) => [0, 1, 2].reduce((t, k) => t + (w[3 * i + k] as number) * (w[3 * j + k] as number), 0)
    const [p, q, r] = [product(0, 0), product(0, 1), product(1, 1)]
    return Math.sqrt((p + r) / 2 + Math.hypot((p - r) / 2, q))
  }
  const weights = fc
    .array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 6, maxLength: 6 })
    .filter((w) => Math.hypot(...w) > 0.1)

  it("brings the largest singular value to the bound where it is above, and leaves weights below as they are, bit for bit", () =>
    fc.assert(
      fc.property(weights, fc.constantFrom(0.5, 0.9, 3), (w, bound) => {
        const m = tensor(w, [2, 3]) as Tensor<[2, 3]>
        const before = largest(w)
        const after = spectralNormalised(m, bound, { steps: 400 })
        if (before < bound * (1 - 1e-9)) expect(numbers(after)).toEqual(w)
        else expect(Math.abs(largest(numbers(after)) / bound - 1)).toBeLessThan(1e-3)
      }),
      // one that is a little above its bound is brought there, too
      { numRuns: 15, examples: [[[0.918, 0, 0, 0, 0.1, 0], 0.9]] },
    ))

  it("its gradient is that of bound w / sigma(w), against central differences", () => {
    const w = [0.9, -1.4, 0.3, 0.7, 1.1, -0.2]
    const loss = (m: Tensor) => sum(square(add(spectralNormalised(m as Tensor<[2, 3]>, 0.8, { steps: 200 }), 0.3))) as Tensor<[]>
    const at = (v: readonly number[]) => number(loss(tensor(v, [2, 3]) as Tensor))
    const h = 1e-5
    const differences = w.map((_, i) => (at(w.map((v, k) => (k === i ? v + h : v))) - at(w.map((v, k) => (k === i ? v - h : v)))) / (2 * h))
    expect(relativeError(differences, numbers(grad(loss)(tensor(w, [2, 3]) as Tensor)))).toBeLessThan(1e-8)
  })

  it("of zero weights is zero, with a finite gradient", () => {
    const zero = tensor([0, 0, 0, 0], [2, 2]) as Tensor<[2, 2]>
    expect(numbers(spectralNormalised(zero, 0.5))).toEqual([0, 0, 0, 0])
    expect(numbers(grad((m: Tensor<[2, 2]>) => sum(spectralNormalised(m, 0.5)))(zero))).toEqual([1, 1, 1, 1])
  })

  it.each(exactTargets)("on %s", async (target, epsilon) => {
    const w = tensor([3, 0, 0, 1], [2, 2]) as Tensor<[2, 2]>
    expect(relativeError([1.5, 0, 0, 0.5], await numbersOn(target, () => spectralNormalised(w, 1.5)))).toBeLessThan(8 * epsilon)
  })
})

describe("fixedPointCorrection", () => {
  const states = () => [1, 2, 4].map((n) => fixedPoint(affine(A, b), zero2, iterate(n, { adjoint: oneStep })))
  const loss = (z: Tensor) => sum(square(z)) as Tensor<[]>

  it("weights the state k of n by gamma^(n - k - 1)", () => {
    const [p, q, r] = states().map((z) => number(loss(z))) as [number, number, number]
    expect(number(fixedPointCorrection(states(), loss))).toBeCloseTo(0.64 * p + 0.8 * q + r, 12)
    expect(number(fixedPointCorrection(states(), loss, { gamma: 0.5 }))).toBeCloseTo(0.25 * p + 0.5 * q + r, 12)
    expect(number(fixedPointCorrection(states(), loss, { gamma: 0 }))).toBe(r)
  })

  it("sends gradients through every state", () => {
    const parts = [1, 2, 4].map((n) =>
      numbers(grad((c: Tensor) => loss(fixedPoint(affine(A, c), zero2, iterate(n, { adjoint: oneStep }))))(b)),
    )
    const whole = numbers(
      grad((c: Tensor) =>
        fixedPointCorrection(
          [1, 2, 4].map((n) => fixedPoint(affine(A, c), zero2, iterate(n, { adjoint: oneStep }))),
          loss,
        ),
      )(b),
    )
    const expected = [0, 1].map((i) => 0.64 * (parts[0]?.[i] as number) + 0.8 * (parts[1]?.[i] as number) + (parts[2]?.[i] as number))
    expect(relativeError(expected, whole)).toBeLessThan(1e-14)
  })

  it("needs a state", () => expect(() => fixedPointCorrection([], loss)).toThrow("there are no states"))

  it.each(exactTargets)("on %s", async (target, epsilon) => {
    const expected = number(fixedPointCorrection(states(), loss))
    expect(relativeError([expected], await numbersOn(target, () => fixedPointCorrection(states(), loss)))).toBeLessThan(64 * epsilon)
  })
})
