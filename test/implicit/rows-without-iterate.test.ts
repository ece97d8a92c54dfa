/**
 * A row of a solve without any finite iterate, under useBest: it is reported, and adds neither NaN nor anything else to the
 * gradient of what the rows share. The row computes on a copy of a finite row's values and its cotangent is masked.
 */
import { describe, expect, it } from "vitest"
import { grad, jvp, type Tensor, tensor } from "../../src/core/index.js"
import {
  type Adjoint,
  anderson,
  broyden,
  dense,
  exact,
  fixedPoint,
  gmres,
  linearSolve,
  neumann,
  neumannIteration,
  newton,
  oneStep,
  perRow,
  picard,
  type Solver,
  solveFixedPoint,
  truncated,
} from "../../src/implicit/index.js"
import { add, hessian, indexAxis, mul, scan, sqrt, sub, sum, tanh, vmap } from "../../src/ops/index.js"
import { times } from "../support/contraction.js"
import { outcome, relativeError } from "../support/outcome.js"

const w0 = tensor([
  [0.4, -0.3],
  [0.2, 0.5],
]) as Tensor
/** The second row is outside the domain of the square root: f is NaN there for every state. */
const xs = tensor([
  [1, 2],
  [-1, 0.5],
  [0.25, 3],
]) as Tensor
const good = [0, 2]

const useBest = (solver: Solver): Solver => ({ ...solver, onFailure: "useBest" })
const solve = (w: Tensor, x: Tensor, solver: Solver) =>
  fixedPoint((z: Tensor) => tanh(add(times(z, w), sqrt(x))) as Tensor, tensor([0, 0]) as Tensor, useBest(solver))
const loss = (w: Tensor, x: Tensor, solver: Solver) => sum(mul(solve(w, x, solver), tensor([1, -2])) as Tensor)
const rowOf = (i: number) => indexAxis(xs, 0, i) as Tensor

const finiteRows = (of: (x: Tensor) => unknown): readonly (readonly number[])[] => good.map((i) => outcome(of(rowOf(i))).values.flat())
const total = (rows: readonly (readonly number[])[]) =>
  (rows[0] as readonly number[]).map((_, k) => rows.reduce((s, r) => s + (r[k] as number), 0))

const adjoints: readonly (readonly [string, Adjoint])[] = [
  ["exact, dense", exact(dense())],
  ["exact, gmres", exact(gmres())],
  ["exact, Neumann iteration", exact(neumannIteration())],
  ["oneStep", oneStep],
  ["neumann(3)", neumann(3)],
  ["truncated(9, 3)", truncated(9, 3)],
]

describe.each(adjoints)("with the adjoint %s", (_, adjoint) => {
  const solver = anderson({ adjoint })

  it("the value of such a row is its start, and it is reported", () => {
    const { values, solves, refused } = outcome(vmap((x: Tensor) => solve(w0, x, solver))(xs))
    expect(values[0]?.slice(2, 4)).toEqual([0, 0])
    expect(solves).toMatchObject([{ status: "NonFinite", residual: Number.POSITIVE_INFINITY }])
    expect(refused).toEqual([])
  })

  it("the gradient of a shared weight is the sum over the finite rows", () => {
    const shared = outcome(grad((w: Tensor) => sum(vmap((x: Tensor) => loss(w, x, solver))(xs)))(w0)).values.flat()
    const expected = total(finiteRows((x) => grad((w: Tensor) => loss(w, x, solver))(w0)))
    expect(relativeError(expected, shared)).toBeLessThan(1e-13)
  })

  it("so is the tangent along a shared weight, row for row", () => {
    const dw = mul(w0, -1.5)
    const push = (x: Tensor) => jvp((w: Tensor) => solve(w, x, solver), [w0], [dw])[1]
    const rows = outcome(vmap(push)(xs)).values.flat()
    expect([rows.slice(0, 2), rows.slice(4)]).toEqual(finiteRows(push))
    expect(rows.slice(2, 4)).toEqual([0, 0])
  })

  it("the gradient to such a row's own input is zero where the solve is all that it reaches", () => {
    const back = outcome(vmap((x: Tensor) => grad((v: Tensor) => loss(w0, mul(v, 1), solver))(x))(xs)).values.flat()
    // the row's own sqrt is differentiated on a copy, so not even its own gradient is NaN
    expect(back.slice(2, 4)).toEqual([0, 0])
    expect(
      relativeError(finiteRows((x) => grad((v: Tensor) => loss(w0, v, solver))(x)).flat(), [...back.slice(0, 2), ...back.slice(4)]),
    ).toBeLessThan(1e-13)
  })
})

describe("to second order", () => {
  it("the Hessian of a shared weight is the sum over the finite rows", () => {
    const shared = outcome(hessian((w: Tensor) => sum(vmap((x: Tensor) => loss(w, x, anderson()))(xs)) as Tensor<[]>)(w0)).values.flat()
    const expected = total(finiteRows((x) => hessian((w: Tensor) => loss(w, x, anderson()) as Tensor<[]>)(w0)))
    expect(relativeError(expected, shared)).toBeLessThan(1e-12)
  })
})

describe("without rows", () => {
  it("a solve that has no finite iterate is constant: solves beside it keep their gradients", () => {
    const layer = (w: Tensor) => sum(add(solve(w, rowOf(0), anderson()), solve(w, rowOf(1), anderson())) as Tensor)
    expect(outcome(grad(layer)(w0)).values).toEqual(outcome(grad((w: Tensor) => sum(solve(w, rowOf(0), anderson())))(w0)).values)
  })

  it("also one turn among the turns of a scan", () => {
    const layer = (w: Tensor) =>
      scan((s: Tensor<[]>, x: Tensor) => [add(s, loss(w, x, anderson())) as Tensor<[]>, null] as const, tensor(0) as Tensor<[]>, xs)[0]
    const expected = total(finiteRows((x) => grad((w: Tensor) => loss(w, x, anderson()))(w0)))
    expect(relativeError(expected, outcome(grad(layer)(w0)).values.flat())).toBeLessThan(1e-13)
  })
})

describe.each([
  ["picard", picard()],
  ["anderson", anderson()],
  ["broyden", broyden()],
  ["newton", newton()],
] as const)("perRow(%s)", (_, solver) => {
  it("a row whose start is outside the domain computes on a finite row's state", () => {
    const start = tensor([[1], [-1], [2]]) as Tensor
    const layer = (w: Tensor<[]>) =>
      fixedPoint((z: Tensor) => mul(sqrt(z), w) as Tensor, start, perRow(useBest({ ...solver, atol: 1e-13, rtol: 1e-13 })))
    // z = w sqrt(z) has the solution w^2
    const { values, solves } = outcome([
      layer(tensor(1.5) as Tensor<[]>),
      grad((w: Tensor<[]>) => sum(layer(w)))(tensor(1.5) as Tensor<[]>),
    ])
    expect(solves[0]).toMatchObject({ status: "NonFinite" })
    expect(relativeError([2.25, -1, 2.25, 6], values.flat())).toBeLessThan(1e-9)
  })
})

describe.each([
  ["dense", dense()],
  ["gmres", gmres()],
  ["the Neumann iteration", neumannIteration()],
] as const)("a linear solve by %s", (_, solver) => {
  it("gives zero where it has no finite solution, and says so", () => {
    const diagonal = tensor([1, Number.NaN, 0.5]) as Tensor
    const one = (d: Tensor) => linearSolve((x: Tensor) => mul(d, x) as Tensor, tensor([3]) as Tensor, { solver, onFailure: "useBest" })
    const { values, solves } = outcome(vmap(one)(diagonal))
    expect(relativeError([3, 0, 6], values.flat())).toBeLessThan(1e-11)
    expect(solves).toMatchObject([{ status: "NonFinite", residual: Number.POSITIVE_INFINITY }])
  })
})

describe("a solve that is refused", () => {
  it("needs none of this: the program is a Left", () => {
    const { refused } = outcome(
      vmap((x: Tensor) => solveFixedPoint((z: Tensor) => sub(sqrt(x), mul(z, 0.5)) as Tensor, tensor([0, 0]) as Tensor, picard()).z)(xs),
    )
    expect(refused).toMatchObject([{ status: "NonFinite" }])
  })
})
