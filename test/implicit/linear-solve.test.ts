/** linearSolve: the one place where systems are solved. Its derivative is a solve with the same operator, its transpose one with the transposed. */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  type AnyTensor,
  closeBody,
  closeExpression,
  evaluate,
  type Graph,
  grad,
  jvp,
  linearize,
  type Tensor,
  tensor,
  vjp,
} from "../../src/core/index.js"
import { dense, exact, fixedPoint, gmres, type LinearSolver, linearSolve, neumannIteration, newton } from "../../src/implicit/index.js"
import { add, dot, einsum, hessian, mul, square, sub, sum, tanh, vmap } from "../../src/ops/index.js"
import { apply } from "../support/contraction.js"
import { left } from "../support/either.js"
import { number, numbers, outcome, relativeError, solveOf } from "../support/outcome.js"

const solvers: readonly (readonly [string, LinearSolver])[] = [
  ["dense", dense()],
  ["gmres", gmres()],
  ["gmres, restarted after 2", gmres({ memory: 2, maxEvaluations: 3000 })],
  ["the Neumann iteration", neumannIteration({ maxEvaluations: 3000 })],
]

/** I - E with a norm of E below 1, so that the Neumann iteration converges too; far from symmetric. */
const M = tensor([
  [1.1, 0.3, -0.2],
  [-0.3, 0.8, 0.1],
  [0.2, 0.25, 1.2],
]) as Tensor
const b = tensor([1, -2, 0.5]) as Tensor
const entry = fc.integer({ min: -16, max: 16 }).map((n) => n / 16)
const vector = fc.array(entry, { minLength: 3, maxLength: 3 })

describe.each(solvers)("by %s", (_, solver) => {
  const solve = (m: Tensor, right: Tensor) => linearSolve((x: Tensor) => apply(m, x), right, { solver })

  it("solves: M x = b", () =>
    fc.assert(
      fc.property(vector, (v) => {
        const x = solve(M, tensor(v) as Tensor)
        expect(relativeError([...v, 1], [...numbers(apply(M, x)), 1])).toBeLessThan(1e-10)
      }),
      { numRuns: 8 },
    ))

  it("is linear in b, and its transpose solves with the transposed operator", () =>
    fc.assert(
      fc.property(vector, (v) => {
        fc.pre(v.some((x) => x !== 0))
        const u = tensor(v) as Tensor
        const [, pull] = vjp((right: Tensor) => solve(M, right), b)
        const lambda = pull(u)[0] as Tensor
        expect(relativeError(v, numbers(einsum("ji,j->i", M, lambda)))).toBeLessThan(1e-10)
        // <u, M^-1 b> = <M^-T u, b>
        expect(number(dot(lambda, b))).toBeCloseTo(number(dot(u, solve(M, b))), 9)
      }),
      { numRuns: 8 },
    ))

  it("C38: the gradient to the operator is -b-bar x'", () => {
    const m = tensor([
      [4, 1],
      [1, 3],
    ]) as Tensor
    if (solver._tag === "picard") return // I - M is no contraction
    const g = grad((q: Tensor) => dot(tensor([1, 0]), solve(q, tensor([1, 2]) as Tensor) as Tensor<[2]>))(m)
    expect(relativeError([-0.02479338842975207, -0.1735537190082645, 0.008264462809917355, 0.05785123966942149], numbers(g))).toBeLessThan(
      1e-10,
    )
  })

  it("second order: the Hessian of sum(x^2) in the operator's scale is known", () => {
    // M = s M0: x = x0 / s, sum(x^2) = |x0|^2 / s^2
    const f = (s: Tensor) => sum(square(linearSolve((x: Tensor) => mul(apply(M, x), sum(s)), b, { solver })))
    const at = tensor([1.1]) as Tensor
    const size = number(sum(square(solve(M, b))))
    expect(relativeError([size * 6 * 1.1 ** -4], numbers(hessian(f)(at)))).toBeLessThan(1e-8)
  })

  it("forward and reverse mode agree in the operator", () => {
    const f = (m: Tensor) => sum(tanh(solve(m, b)))
    const dm = tensor([
      [0.5, -1, 0.25],
      [1, 0, 0.125],
      [-0.5, 0.75, 1],
    ]) as Tensor
    expect(number(jvp(f, [M], [dm])[1])).toBeCloseTo(number(dot(grad(f)(M) as Tensor<[3, 3]>, dm)), 9)
  })

  it("vmap over right sides, over operators, and over both: rows one at a time", () => {
    const rights = tensor([
      [1, 2, 3],
      [0, -1, 4],
    ]) as Tensor
    const scales = tensor([1, 1.25]) as Tensor
    const rows = [0, 1].map((i) => ({ right: tensor(numbers(rights).slice(3 * i, 3 * i + 3)) as Tensor, scale: i === 0 ? 1 : 1.25 }))
    const one = (r: Tensor, s: number) => numbers(solve(mul(M, s), r))
    expect(numbers(vmap((r: Tensor) => solve(M, r))(rights))).toEqual(rows.flatMap((r) => one(r.right, 1)))
    expect(numbers(vmap((s: Tensor) => solve(mul(M, s), b))(scales))).toEqual(rows.flatMap((r) => one(b, r.scale)))
    expect(numbers(vmap((r: Tensor, s: Tensor) => solve(mul(M, s), r))(rights, scales))).toEqual(rows.flatMap((r) => one(r.right, r.scale)))
  })
})

const count = (graph: Graph, name: string): number => graph.equations.filter((e) => e.op.name === name).length

describe("one factorisation for all right sides", () => {
  /** Shapes of the matrices that are eliminated: the operator's with the right sides beside it. */
  const eliminated = (t: AnyTensor) => {
    const { graph } = closeExpression([t])
    const shapes = (g: Graph): readonly string[] =>
      g.equations.flatMap((e) => {
        if (e.op.name === "scan") return [String(g.types[e.outputs[0] as number]?.shape)]
        const lowered = e.op.lower(
          e.params,
          e.inputs.map((v) => g.types[v] as never),
          e.outputs.map((v) => g.types[v] as never),
        )
        return lowered.t === "graph" ? shapes(lowered.graph) : []
      })
    return { graph, shapes: shapes(graph) }
  }
  const rights = tensor(Array.from({ length: 12 }, (_, i) => [i, 1, -i])) as Tensor

  it("vmap over right sides keeps the operator unbatched", () => {
    const solve = (r: Tensor) => linearSolve((x: Tensor) => apply(M, x), r, { solver: dense() })
    expect(eliminated(solve(b)).shapes).toEqual(["3,4"])
    const many = eliminated(vmap(solve)(rights))
    expect(many.shapes).toEqual(["3,15"])
    const e = many.graph.equations.find((q) => q.op.name === "linearSolve")
    expect(e?.params).toMatchObject({ columns: [12], rows: 0 })
  })

  it("the Jacobian of a fixed point is one solve with n columns", () => {
    const f = (x: Tensor) =>
      fixedPoint((z: Tensor) => tanh(add(mul(apply(M, z), 0.5), x)) as Tensor, mul(x, 0), newton({ adjoint: exact(dense()) }))
    const push = (v: Tensor) => jvp(f, [b], [v])[1]
    const { graph } = closeBody("test", [], () => [vmap(push)(rights)])
    const solves = graph.equations.filter((e) => e.op.name === "linearSolve")
    expect(solves.map((e) => e.params)).toMatchObject([{ columns: [12], rows: 0 }])
  })

  it("a product never computes f again: the operator has captured residuals", () => {
    const [, lin] = linearize(
      (x: Tensor) => fixedPoint((z: Tensor) => tanh(add(mul(apply(M, z), 0.5), x)) as Tensor, mul(x, 0), newton()),
      b,
    )
    const { graph } = closeExpression([lin(b)])
    const e = graph.equations.find((q) => q.op.name === "linearSolve")
    expect(count(((e as NonNullable<typeof e>).params as { readonly operator: Graph }).operator, "tanh")).toBe(0)
  })
})

describe("a system without a unique solution", () => {
  const singular = tensor([
    [1, 0],
    [0, 0],
  ]) as Tensor
  it.each([
    ["dense", dense()],
    ["gmres", gmres()],
    ["the Neumann iteration", neumannIteration()],
  ] as const)("is refused by %s", (_, solver) => {
    const x = linearSolve((v: Tensor) => apply(singular, v), tensor([1, 1]) as Tensor, { solver, name: "system" })
    expect(left(evaluate(x))).toMatchObject({ _tag: "NotConverged", solves: [{ site: "system" }] })
    if (solver._tag === "dense") expect(solveOf(x, "system").status).toBe("Singular")
  })

  it("two unknowns of which only one is determined: the gradient is refused (jaxopt 270)", () => {
    const loss = (t: Tensor<[]>) =>
      sum(
        fixedPoint(
          (z: Tensor) => sub(z, mul(tensor([0.5, 0]), sub(z, t))) as Tensor,
          tensor([0, 3]) as Tensor,
          newton({ onFailure: "useBest", name: "loose" }),
        ),
      )
    expect(outcome(grad(loss)(tensor(1) as Tensor<[]>)).solves).toMatchObject([
      { site: "loose", status: "Singular" },
      { site: "loose'", status: "Singular" },
    ])
  })
})

describe("the operator", () => {
  it("may be a map of trees", () => {
    const right = { a: tensor(3) as Tensor<[]>, v: tensor([1, 2]) as Tensor }
    const x = linearSolve(({ a, v }: typeof right) => ({ a: add(mul(a, 2), sum(v)) as Tensor<[]>, v: sub(mul(v, 3), a) as Tensor }), right)
    // v_i = (r_i + a) / 3: 2 a + (3 + 2 a) / 3 = 3
    expect(relativeError([0.75, 1.75 / 3, 2.75 / 3], numbers(x))).toBeLessThan(1e-14)
  })

  it("has to be square", () =>
    expect(() => linearSolve((x: Tensor) => sum(x) as never, b)).toThrow(
      /linearSolve: the operator has to be square: float\[3\] goes in and float\[\] comes out/,
    ))
})
