/** How failures show, and what may be composed with a solve. Items as in docs/peers-faults.md. */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { compile, evaluate, grad, jvp, type Tensor, tensor, vjp } from "../../../src/core/index.js"
import { anderson, dense, fixedPoint, gmres, linearSolve, newton, picard, root, solveFixedPoint } from "../../../src/implicit/index.js"
import { reachesInit } from "../../../src/implicit/spec/index.js"
import {
  add,
  customJvp,
  div,
  dot,
  hessian,
  indexAxis,
  less,
  mul,
  reverse,
  sin,
  sub,
  sum,
  tanh,
  vmap,
  whileLoop,
} from "../../../src/ops/index.js"
import { A, affine, apply, b, zero2 } from "../../support/contraction.js"
import { left } from "../../support/either.js"
import { adjointList, exactAdjoints, inTurns, linearSolverList, solverList } from "../../support/implicit-lists.js"
import { number, numbers, outcome, relativeError, solveOf } from "../../support/outcome.js"

type Scalar = Tensor<[]>
const s = (x: number) => tensor(x) as Scalar
const tight = { atol: 1e-14, rtol: 1e-14, maxEvaluations: 4000 }
/** z^2 + 1 = z has no real solution. */
const none = (z: Tensor) => add(mul(z, z), 1) as Tensor

// https://github.com/xitorch/xitorch/issues/28, https://github.com/casadi/casadi/pull/3737, https://github.com/casadi/casadi/issues/2575,
// https://github.com/JuliaDecisionFocusedLearning/ImplicitDifferentiation.jl/issues/92, .../pull/94, https://github.com/SciML/LinearSolve.jl/issues/297
describe("25: no value leaves a solve that failed", () => {
  it.each(solverList)("by $name: forward, as a tangent, as a gradient", ({ value }) => {
    const layer = (w: Tensor) => fixedPoint((z: Tensor) => add(mul(z, mul(z, w)), 1) as Tensor, tensor([0.3]) as Tensor, value)
    const w = tensor([1]) as Tensor
    for (const e of [layer(w), jvp(layer, [w], [w])[1], grad((v: Tensor) => sum(layer(v)))(w)])
      expect(left(evaluate(e))).toMatchObject({ _tag: "NotConverged" })
  })

  it.each(["interpreter", "wasm", "wasm:f64"] as const)("by a compiled program on %s", async (target) => {
    const program = compile((z0: Tensor) => fixedPoint(none, z0, anderson()), { target })
    expect(left(await program(tensor([0.3]) as Tensor)())).toMatchObject({ _tag: "NotConverged" })
    program.dispose()
  })

  it("also of root, linearSolve and solveFixedPoint", () => {
    const all = [
      root((z: Tensor) => sub(none(z), z) as Tensor, tensor([0.3]) as Tensor, newton()),
      linearSolve((x: Tensor) => mul(x, 0), b),
      solveFixedPoint(none, tensor([0.3]) as Tensor, picard()).z,
    ]
    for (const e of all) expect(left(evaluate(e))).toMatchObject({ _tag: "NotConverged" })
  })
})

// https://github.com/patrick-kidger/optimistix/issues/204
describe("26: a refusal names the layer, what went wrong, and what to do", () => {
  it.each(solverList)("of $name", ({ value }) => {
    const { message } = left(evaluate(fixedPoint(none, tensor([0.3]) as Tensor, { ...value, name: "equilibrium" })))
    expect(message).toMatch(/^equilibrium: \w+ with residual [\d.e+-]+ after \d+ evaluations; \w.{20,}onFailure: "useBest"/s)
  })

  it("a singular system says that it is singular, and whose", () => {
    const found = evaluate(linearSolve((x: Tensor) => mul(x, 0), b, { name: "flow" }))
    expect(left(found).message).toMatch(/^flow: Singular .*no unique solution/s)
  })

  // the rows are 1e-17 apart, beside elements of 2
  const near = tensor([
    [2, 1],
    [2 + 4 * Number.EPSILON, 1],
  ]) as Tensor
  const right = tensor([1, -1]) as Tensor

  it("names the operator's size and, of LU, an estimate of its reciprocal condition", () => {
    const failure = left(evaluate(linearSolve((x: Tensor) => apply(near, x), right, { name: "flow", solver: dense() })))
    expect(failure.message).toMatch(
      /^flow: Singular .*, its operator of 2 unknowns with a reciprocal condition of about [\d.]+e-1[67]; the linear/,
    )
    expect(failure).toMatchObject({ solves: [{ unknowns: 2, rcond: expect.closeTo(Number.EPSILON, 15) }] })
    const zero = left(evaluate(linearSolve((x: Tensor) => mul(x, 0), right, { solver: dense() })))
    expect(zero).toMatchObject({ solves: [{ status: "Singular", unknowns: 2, rcond: 0 }] })
  })

  it("names the size alone of what has no factors, and neither of what converged", () => {
    const [failed] = outcome(linearSolve((x: Tensor) => apply(near, x), right, { solver: gmres() })).solves
    expect(failed).toMatchObject({ unknowns: 2 })
    expect(failed).not.toHaveProperty("rcond")
    const [solved] = outcome(linearSolve((x: Tensor) => mul(x, 2), right)).solves
    expect(solved).toEqual({ site: "linearSolve", status: "Converged", residual: 0, evaluations: expect.any(Number) })
  })

  it("tells the worst of rows, and the size of one row", () => {
    const rows = tensor([
      [1, 1],
      [1, 1e-30],
    ]) as Tensor
    const found = vmap((d: Tensor) => linearSolve((x: Tensor) => add(mul(x, d), mul(reverse(x, [0]), 1e-40)), right, { solver: dense() }))
    expect(outcome(found(rows)).refused).toMatchObject([{ status: "Singular", unknowns: 2, rcond: expect.closeTo(1e-30, 31) }])
  })
})

// https://github.com/xitorch/xitorch/issues/13
describe("27: the order of the unknowns changes nothing", () => {
  const flip = (z: Tensor) => reverse(z, [0]) as Tensor
  it.each(solverList)("by $name: solution, status and cost", ({ value }) =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -16, max: 16 }), { minLength: 3, maxLength: 3 }), (c) => {
        const f = (z: Tensor) =>
          tanh(add(mul(z, tensor([0.7, -0.2, 0.5])), add(mul(flip(z), 0.25), tensor(c.map((x) => x / 8) as readonly number[])))) as Tensor
        const start = tensor([1, 0, -1]) as Tensor
        // near 0 the map contracts by 0.95, half of it damped by 0.975: more than the 256 evaluations of the default
        const patient = { ...value, maxEvaluations: 2000 }
        const plain = solveFixedPoint(f, start, patient)
        const other = solveFixedPoint((z: Tensor) => flip(f(flip(z))), flip(start), patient)
        expect(relativeError(numbers(plain.z), numbers(flip(other.z)))).toBeLessThan(1e-9)
        const [one, two] = [plain, other].map((t) => outcome([t.status, t.evaluations]).values.flat()) as [number[], number[]]
        expect(one[0]).toBe(two[0])
        // rounding may end one of them a turn earlier
        expect(Math.abs((one[1] as number) - (two[1] as number))).toBeLessThanOrEqual(2)
      }),
      { numRuns: 5 },
    ),
  )
})

// https://github.com/google/jaxopt/issues/474, https://github.com/patrick-kidger/optimistix/issues/151, https://github.com/ott-jax/ott/issues/461,
// https://github.com/JuliaDecisionFocusedLearning/ImplicitDifferentiation.jl/issues/26
describe("29: second derivatives by every mixture of the modes", () => {
  it.each(exactAdjoints)("with $name", ({ value }) => {
    const loss = (c: Tensor) =>
      sum(sin(fixedPoint((z: Tensor) => tanh(affine(A, c)(z)) as Tensor, zero2, newton({ ...tight, adjoint: value }))))
    const unit = [tensor([1, 0]) as Tensor, tensor([0, 1]) as Tensor]
    const all = [
      unit.flatMap((e) => numbers(jvp((c: Tensor) => grad(loss)(c) as Tensor, [b], [e])[1])),
      unit.flatMap((e) => numbers(grad((c: Tensor) => jvp(loss, [c], [e])[1] as Scalar)(b))),
      unit.flatMap((e) => numbers(grad((c: Tensor) => dot(grad(loss)(c) as Tensor<[2]>, e as Tensor<[2]>))(b))),
      numbers(hessian(loss)(b)),
    ] as const
    for (const other of all.slice(1)) expect(relativeError(all[0], other)).toBeLessThan(1e-9)
    expect(relativeError([all[0][1] as number], [all[0][2] as number])).toBeLessThan(1e-9)
  })
})

// https://github.com/jax-ml/jax/issues/5440, .../2520, .../5666, .../1448, https://github.com/jax-ml/jax/pull/4008, .../39940, .../1570,
// https://github.com/google/jaxopt/issues/111, .../31, https://github.com/google/jaxopt/pull/412
describe("30: a layer within a layer, the inner one capturing the outer state and the parameter", () => {
  it.each(solverList)("by $name", ({ value }) => {
    // inner: y = y/2 + z p, so y = 2 z p; outer: z = y/4 + 1 = z p / 2 + 1, so z = 1 / (1 - p/2)
    const layer = (p: Scalar) =>
      fixedPoint(
        (z: Scalar) =>
          add(
            div(
              fixedPoint((y: Scalar) => add(mul(y, 0.5), mul(z, p)) as Scalar, s(0), newton()),
              4,
            ),
            1,
          ) as Scalar,
        s(0),
        { ...value, ...tight, rtol: 1e-12, atol: 1e-12 },
      )
    expect(number(layer(s(0.8)))).toBeCloseTo(1 / 0.6, 10)
    expect(number(grad(layer)(s(0.8)))).toBeCloseTo(0.5 / 0.36, 9)
    expect(number(jvp(layer, [s(0.8)], [s(1)])[1])).toBeCloseTo(0.5 / 0.36, 9)
  })
})

// https://github.com/jax-ml/jax/issues/5552
describe("31: the adjoint solve is the transpose of the tangent solve", () => {
  it.each(exactAdjoints)("with $name: <w, J v> = <J' w, v>", ({ value }) => {
    const f = (c: Tensor) => fixedPoint((z: Tensor) => tanh(affine(A, c)(z)) as Tensor, zero2, newton({ ...tight, adjoint: value }))
    const [v, w] = [tensor([0.3, -1]) as Tensor<[2]>, tensor([2, 0.7]) as Tensor<[2]>]
    const forward = number(dot(w, jvp(f, [b], [v as Tensor])[1] as Tensor<[2]>))
    const back = number(dot(vjp(f, b)[1](w as Tensor)[0] as Tensor<[2]>, v))
    expect(Math.abs(forward / back - 1)).toBeLessThan(1e-10)
  })

  it.each(linearSolverList)("and so is that of a linear solve by $name", ({ value }) => {
    const f = (r: Tensor) => linearSolve((x: Tensor) => sub(x, apply(A, x)) as Tensor, r, { solver: value })
    const [v, w] = [tensor([0.3, -1]) as Tensor<[2]>, tensor([2, 0.7]) as Tensor<[2]>]
    const forward = number(dot(w, f(v as Tensor) as Tensor<[2]>))
    const back = number(dot(vjp(f, b)[1](w as Tensor)[0] as Tensor<[2]>, v))
    expect(Math.abs(forward / back - 1)).toBeLessThan(1e-10)
  })
})

// https://github.com/patrick-kidger/lineax/issues/104, https://github.com/patrick-kidger/lineax/pull/84, https://github.com/patrick-kidger/optimistix/issues/48
describe("32: what has no influence has the gradient zero, not none", () => {
  const layer = (p: { readonly c: Tensor; readonly unused: Tensor; readonly start: Tensor }, solver = picard()) =>
    sum(fixedPoint(affine(A, p.c), p.start, solver))
  const p = { c: b, unused: tensor([5]) as Tensor, start: zero2 }

  const still = adjointList.filter(({ value }) => !reachesInit(value))
  it.each(inTurns(3, still))("the start and a parameter that f does not use, by $one.name with $two.name", ({ one, two }) => {
    const g = grad((q: typeof p) => layer(q, { ...one.value, adjoint: two.value }))(p)
    expect(numbers([g.unused, g.start])).toEqual([0, 0, 0])
    expect(numbers(g.c).every((x) => x !== 0)).toBe(true)
  })

  it("and so has a row under vmap", () => {
    const g = grad((q: typeof p) =>
      sum(
        vmap((row: Tensor) => layer({ ...q, c: row }))(
          tensor([
            [1, 2],
            [3, 4],
          ]) as Tensor,
        ),
      ),
    )(p)
    expect(numbers(g).every((x) => x === 0)).toBe(true)
  })
})

// https://github.com/jax-ml/jax/issues/2956, .../8557, .../18311
describe("35: reverse mode through a loop without a bound is refused where it is written", () => {
  const doubled = (x: Scalar) =>
    whileLoop(
      (z: Scalar) => less(z, 100),
      (z: Scalar) => mul(z, 2) as Scalar,
      x,
    )
  it("with what to use instead", () => expect(() => grad(doubled)(s(3))).toThrow(/while.*scan.*fixedPoint/s))
  it("forward mode works", () => expect(number(jvp(doubled, [s(3)], [s(1)])[1])).toBe(64))
})

// https://github.com/google/jaxopt/issues/232, .../183, .../443
describe("36: a map of states to states, in structure and in shape", () => {
  it("an extra leaf, another leaf, another shape: by type and where it is traced", () => {
    const start = { x: s(1) }
    // @ts-expect-error f returns a state of another type
    expect(() => fixedPoint((z: { readonly x: Scalar }) => ({ y: z.x }), start, picard())).toThrow(
      /structure \{x: _\}, f returned \{y: _\}/,
    )
    const extra = (z: { readonly x: Scalar }) => ({ ...z, extra: z.x })
    expect(() => fixedPoint(extra, start, picard())).toThrow(/structure \{x: _\}, f returned \{/)
    expect(() => fixedPoint((z: Tensor) => indexAxis(z, 0, 0) as Tensor, zero2, picard())).toThrow(/float\[2\].*float\[\]/s)
  })

  it("as a value at the boundary", async () => {
    const program = compile((z0: Tensor) => fixedPoint((z: Tensor) => indexAxis(z, 0, 0) as Tensor, z0, picard()), {
      target: "interpreter",
    })
    expect(left(await program(zero2)())).toMatchObject({ _tag: "TraceError" })
  })

  it("an operator that is not square", () =>
    expect(() => linearSolve((x: Tensor) => apply(tensor([[1, 2]]) as Tensor, x), zero2)).toThrow(/has to be square/))
})

// https://github.com/metaopt/torchopt/issues/123
describe("43: there are no positions of arguments to get wrong", () => {
  it("the gradient to the third of three captured values alone", () => {
    const layer = (p: Scalar, q: Scalar, r: Scalar) => fixedPoint((z: Scalar) => add(mul(z, p), mul(q, r)) as Scalar, s(0), newton())
    expect(number(grad((r: Scalar) => layer(s(0.5), s(3), r))(s(1)))).toBeCloseTo(6, 12)
  })
})

// https://github.com/prolearner/hypertorch/issues/8
describe("44: the map that finds the minimum and the map that is differentiated need not be the same", () => {
  // phi(w) = |w - t|^2 / 2 + w'Qw / 2: the minimum solves (I + Q) w = t
  const slope = (w: Tensor, t: Tensor) =>
    add(
      sub(w, t),
      apply(
        tensor([
          [1, 0.5],
          [0.5, 2],
        ]) as Tensor,
        w,
      ),
    ) as Tensor
  const byStep = (eta: number) => (t: Tensor) =>
    sum(sin(fixedPoint((w: Tensor) => sub(w, mul(slope(w, t), eta)) as Tensor, zero2, newton(tight))))
  const found = [0.01, 0.1, 0.3, -1].map((eta) => numbers(grad(byStep(eta))(b)))
  it("the gradient is that of the minimum for every step, by any method", () => {
    for (const other of found.slice(1)) expect(relativeError(found[0] as number[], other)).toBeLessThan(1e-10)
    const byRoot = grad((t: Tensor) => sum(sin(root((w: Tensor) => slope(w, t), zero2, anderson(tight)))))(b)
    expect(relativeError(found[0] as number[], numbers(byRoot))).toBeLessThan(1e-10)
  })
})

// jax-js, FEATURES.md: custom_jvp and custom_vjp are missing, and so is while_loop
describe("45: rules of one's own, inside a layer", () => {
  it("a function with its own derivative is differentiated by it at the solution", () => {
    const soft = customJvp(
      (v: Scalar) => tanh(v) as Scalar,
      ([v], [dv]) => [tanh(v) as Scalar, mul(dv, sub(1, mul(tanh(v), tanh(v)))) as Scalar],
    )
    const layer = (g: (v: Scalar) => Scalar) => (u: Scalar) =>
      fixedPoint((z: Scalar) => g(add(mul(z, 0.5), u) as Scalar), s(0), newton(tight))
    expect(number(grad(layer(soft))(s(1)))).toBeCloseTo(0.2204737111743476, 12)
    expect(solveOf(layer(soft)(s(1)), "fixedPoint").status).toBe("Converged")
  })
})
