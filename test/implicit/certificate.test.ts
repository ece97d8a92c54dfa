/** The certificate of a gradient (L13: never below the true error when it is proved) and the corrected loss. */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { grad, type Tensor, tensor, vjp } from "../../src/core/index.js"
import {
  type Adjoint,
  anderson,
  certificate,
  correctedLoss,
  exact,
  fixedPoint,
  iterate,
  neumann,
  newton,
  oneStep,
  phantom,
  shine,
  unrolled,
} from "../../src/implicit/index.js"
import { add, mul, square, sub, sum, tanh } from "../../src/ops/index.js"
import { A, affine, apply, b, z13, zero2 } from "../support/contraction.js"
import { number, numbers, relativeError } from "../support/outcome.js"
import { exactTargets, numbersOn } from "../support/targets.js"

const size = (v: readonly number[]) => Math.hypot(...v)
const apart = (x: readonly number[], y: readonly number[]) => size(x.map((v, i) => v - (y[i] as number)))
const linear = (z: Tensor) => sum(z) as Tensor<[]>

/** C13 with b for its parameter; S16's norm of A. */
const c13 = (c: Tensor, z: Tensor) => affine(A, c)(z)
const norm13 = 0.501976483784
const lipschitz = { contraction: norm13, parameters: 1, change: { state: 0, parameters: 0, loss: 0 } }

describe("certificate", () => {
  it("S16: Neumann's series of 5 terms on C13", () => {
    const z = fixedPoint(affine(A, b), zero2, newton())
    const told = certificate(c13, b, z, linear, { adjoint: neumann(5), lipschitz })
    const found = numbers(
      vjp((c: Tensor) => fixedPoint(affine(A, c), zero2, newton({ adjoint: neumann(5) })), b)[1](tensor([1, 1]) as Tensor),
    )
    const error = apart(found, [0.9803921568627451, 2.156862745098039])
    expect(told.kind).toBe("proved")
    expect(error).toBeCloseTo(0.00256791867186, 12)
    expect(number(told.adjointResidual)).toBeCloseTo(0.00216308159809, 12)
    expect(number(told.gradient)).toBeCloseTo(0.00434333224769, 12)
  })

  it("without bounds it is an estimate, by the same formula where f is affine", () => {
    const z = fixedPoint(affine(A, b), zero2, newton())
    const told = certificate(c13, b, z, linear, { adjoint: neumann(5) })
    expect(told.kind).toBe("estimated")
    expect(number(told.contraction)).toBeCloseTo(norm13, 10)
    expect(number(told.gradient)).toBeCloseTo(0.00434333224769, 10)
  })

  const one = (x: number) => tensor(x) as Tensor<[]>
  const itself = (z: Tensor<[]>) => z

  it("proves by each of its constants: b s / (1 - q) + (L_B l + b (L_A l + L_u) / (1 - q)) r / (1 - q)", () => {
    // p z + 1 at p = 1/2, z = 3/2: r = 1/4; one step of the adjoint: l = 1, s = 1/2, and l + s / (1 - q) = 2
    const by = (parameters: number, state: number, both: number, loss: number) =>
      number(
        certificate((p: Tensor<[]>, z: Tensor<[]>) => add(mul(p, z), 1) as Tensor<[]>, one(0.5), one(1.5), itself, {
          adjoint: oneStep,
          lipschitz: { contraction: 0.5, parameters, change: { state, parameters: both, loss } },
        }).gradient,
      )
    expect(by(3, 0, 0, 0)).toBeCloseTo(3 * 0.5 * 2, 13)
    expect(by(0, 0, 0.7, 0)).toBeCloseTo(0.7 * 2 * 0.25 * 2, 13)
    expect(by(3, 0.2, 0, 0) - by(3, 0, 0, 0)).toBeCloseTo(3 * 0.2 * 2 * 2 * 0.25 * 2, 13)
    expect(by(3, 0, 0, 0.11) - by(3, 0, 0, 0)).toBeCloseTo(3 * 0.11 * 2 * 0.25 * 2, 13)
  })

  it("estimates each of them where f bends and its parameters count", () => {
    // 2 p z + z^2 / 16 at p = 1/8, z = 1, and at f(z) = 5/16: A = 3/8 and 37/128, B = 2 and 5/8, u = 2 and 5/8
    const told = (adjoint: Adjoint) =>
      certificate(
        (p: Tensor<[]>, z: Tensor<[]>) => add(mul(mul(p, z), 2), mul(square(z), 1 / 16)) as Tensor<[]>,
        one(0.125),
        one(1),
        (z) => square(z) as Tensor<[]>,
        { adjoint },
      )
    const { contraction, residual, solution, gradient } = told(exact())
    expect(numbers([contraction, residual])).toEqual([0.375, 0.6875])
    expect(number(solution)).toBeCloseTo(0.6875 * 1.6, 13)
    // l = 3.2: 3.2 (2 - 5/8) + 2 (3.2 (3/8 - 37/128) + 2 - 5/8) / (1 - 3/8)
    expect(number(gradient)).toBeCloseTo((4.4 + 2 * (0.275 + 1.375) * 1.6) * 1.6, 12)
    // l = 2 and s = 3/4
    const rough = told(oneStep)
    expect(number(rough.adjointResidual)).toBe(0.75)
    expect(number(rough.gradient)).toBeCloseTo((2 * 0.75 + 2.75 + 2 * (0.171875 + 1.375) * 1.6) * 1.6, 12)
  })

  it("is 0 where all is solved exactly, and infinite where nothing is seen to contract", () => {
    const z = tensor([2, -1]) as Tensor
    const known = certificate((c: Tensor, _: Tensor) => c, z, z, linear, { adjoint: oneStep })
    expect(numbers([known.gradient, known.solution])).toEqual([0, 0])
    const wild = certificate((c: Tensor, z: Tensor) => add(mul(z, -3), c) as Tensor, b, zero2, linear)
    expect(numbers([wild.gradient, wild.solution])).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY])
  })

  it("refuses a contraction of 1 and adjoints without a state", () => {
    expect(() => certificate(c13, b, b, linear, { lipschitz: { ...lipschitz, contraction: 1 } })).toThrow(
      "the contraction has to be in [0, 1), found 1",
    )
    for (const adjoint of [shine(), unrolled(3)])
      expect(() => certificate(c13, b, b, linear, { adjoint })).toThrow("has no state at a solution")
  })

  it("is a constant to transforms", () => {
    const f = (c: Tensor) => certificate(c13, c, tensor([1, 2]) as Tensor, linear, { adjoint: oneStep, lipschitz }).gradient
    expect(number(f(b))).toBeGreaterThan(0)
    expect(numbers(grad(f)(b))).toEqual([0, 0])
  })
})

/** tanh(W z + x) with |W|_F = q, which bounds its norm; the loss |z|^2 / 2. Parameters x. */
interface Layer {
  readonly w: readonly number[]
  readonly x: readonly number[]
  readonly q: number
}
const entries = (n: number) => fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: n, maxLength: n })
const anyLayers: fc.Arbitrary<Layer> = fc
  .tuple(entries(9), entries(3), fc.constantFrom(0.3, 0.6, 0.9))
  .filter(([w]) => size(w) > 0.1)
  .map(([w, x, q]) => ({ w: w.map((v) => (v * q) / size(w)), x, q }))
/** W = q v v' / |v|^2 and x a little of v: errors are along v and grow by nearly 1 / (1 - q), so that the bound is nearly attained. */
const narrowLayers: fc.Arbitrary<Layer> = fc
  .tuple(entries(3), fc.constantFrom(0.3, 0.6, 0.9))
  .filter(([v]) => size(v) > 0.1)
  .map(([v, q]) => ({ w: v.flatMap((a) => v.map((b) => (q * a * b) / size(v) ** 2)), x: v.map((a) => (0.01 * a) / size(v)), q }))
const layers = fc.oneof(anyLayers, narrowLayers)
const adjoints: fc.Arbitrary<Adjoint> = fc.constantFrom<Adjoint>(exact(), oneStep, neumann(2), neumann(6), phantom(3, 0.5))

describe("L13", () => {
  // |tanh''| <= 4 / (3 sqrt 3)
  const bend = 4 / (3 * Math.sqrt(3))
  const parts = ({ w, x }: Layer) => {
    const W = tensor(w, [3, 3]) as Tensor
    const f = (c: Tensor, z: Tensor) => tanh(add(apply(W, z), c)) as Tensor
    return { f, x: tensor(x) as Tensor, zero: tensor([0, 0, 0]) as Tensor, loss: (z: Tensor) => mul(sum(square(z)), 0.5) as Tensor<[]> }
  }
  /** The gradient of the rough solve after `steps` steps, by the adjoint, and the true one. */
  const gradients = (layer: Layer, steps: number, adjoint: Adjoint) => {
    const { f, x, zero, loss } = parts(layer)
    const z = fixedPoint((z: Tensor) => f(x, z), zero, iterate(steps))
    const solve = (c: Tensor) => fixedPoint((v: Tensor) => f(c, v), z, iterate(0, { adjoint }))
    const found = numbers(vjp(solve, x)[1](z))
    const truth = numbers(grad((c: Tensor) => loss(fixedPoint((v: Tensor) => f(c, v), zero, anderson({ atol: 1e-14, rtol: 1e-14 }))))(x))
    return { z, error: apart(found, truth) }
  }

  it("a proved bound is at least the true error, of rough solves and of biased adjoints", () =>
    fc.assert(
      fc.property(layers, fc.integer({ min: 0, max: 12 }), adjoints, (layer, steps, adjoint) => {
        const { f, x, loss } = parts(layer)
        const { z, error } = gradients(layer, steps, adjoint)
        const { q } = layer
        const told = certificate(f, x, z, loss, {
          adjoint,
          // A = D W and B = D, D = diag(tanh'), which changes by at most bend |W| a unit of z
          lipschitz: { contraction: q, parameters: 1, change: { state: bend * q * q, parameters: bend * q, loss: 1 } },
        })
        expect(error).toBeLessThanOrEqual(number(told.gradient) + 1e-9)
      }),
      { numRuns: 25 },
    ))

  it("and it is no idle bound: it falls with the error", () => {
    const layer: Layer = { w: [0.3, -0.2, 0.1, 0.25, 0.1, -0.3, 0.05, 0.2, 0.15], x: [0.4, -0.7, 0.2], q: 0.62 }
    const bound = (steps: number) => {
      const { f, x, loss } = parts(layer)
      const { z, error } = gradients(layer, steps, exact())
      const told = certificate(f, x, z, loss, {
        lipschitz: { contraction: layer.q, parameters: 1, change: { state: bend * layer.q ** 2, parameters: bend * layer.q, loss: 1 } },
      })
      return { error, bound: number(told.gradient), estimate: number(certificate(f, x, z, loss).gradient) }
    }
    const [rough, fine] = [bound(2), bound(14)]
    expect(fine.bound / rough.bound).toBeLessThan(1e-3)
    expect(rough.bound / rough.error).toBeLessThan(200)
    expect(rough.estimate).toBeLessThan(rough.bound)
    expect(rough.estimate).toBeGreaterThan(rough.error)
  })

  it.each(exactTargets)("S16 on %s", async (target, epsilon) => {
    const found = await numbersOn(target, () => {
      const { gradient } = certificate(c13, b, tensor(z13) as Tensor, linear, { adjoint: neumann(5), lipschitz })
      return gradient
    })
    expect(Math.abs((found[0] as number) - 0.00434333224769)).toBeLessThan(64 * epsilon + 1e-12)
  })
})

describe("correctedLoss", () => {
  const rough = tensor([1, 2]) as Tensor

  it("C13: exact for an affine f and a linear loss, from a rough state", () => {
    expect(relativeError([5.294117647058824], numbers(correctedLoss(affine(A, b), rough, linear)))).toBeLessThan(1e-14)
    // 3 + 0.98039 * 0.8 + 2.15686 * 0.7, and with one step of the adjoint 3 + 0.8 + 0.7
    expect(number(correctedLoss(affine(A, b), rough, linear, { adjoint: oneStep }))).toBeCloseTo(4.5, 13)
  })

  it("errs by the residual squared where the loss errs by the residual", () => {
    const f = (z: Tensor) => tanh(add(apply(A, z), b)) as Tensor
    const loss = (z: Tensor) => sum(square(z)) as Tensor<[]>
    const truth = number(loss(fixedPoint(f, zero2, anderson({ atol: 1e-15, rtol: 1e-15, onFailure: "useBest" }))))
    const errors = (steps: number) => {
      const z = fixedPoint(f, zero2, iterate(steps))
      return [Math.abs(number(loss(z)) - truth), Math.abs(number(correctedLoss(f, z, loss)) - truth)] as const
    }
    const [[plain1, fixed1], [plain2, fixed2]] = [errors(2), errors(5)]
    const orders = Math.log(fixed2 / fixed1) / Math.log(plain2 / plain1)
    expect(orders).toBeGreaterThan(1.8)
    expect(fixed1).toBeLessThan(plain1)
  })

  it("has the gradient of the adjoint to what f captures", () => {
    const z = fixedPoint(affine(A, b), zero2, newton())
    const found = numbers(grad((c: Tensor) => correctedLoss(affine(A, c), z, linear))(b))
    expect(relativeError([0.9803921568627451, 2.156862745098039], found)).toBeLessThan(1e-13)
    const start = numbers(grad((at: Tensor) => correctedLoss(affine(A, b), at, linear))(rough))
    expect(start).toEqual([0, 0])
  })

  it.each(exactTargets)("on %s", async (target, epsilon) => {
    const found = await numbersOn(target, () => sub(correctedLoss(affine(A, b), rough, linear), 5))
    expect(Math.abs((found[0] as number) - 0.294117647058824)).toBeLessThan(64 * epsilon)
  })
})
