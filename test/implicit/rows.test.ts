/** Rows: each converges on its own and is then frozen; together they give what each gives alone, bit for bit. */
import { describe, expect, it } from "vitest"
import { grad, jvp, type Tensor, tensor, vjp } from "../../src/core/index.js"
import {
  anderson,
  broyden,
  chord,
  damped,
  dogleg,
  exact,
  fixedPoint,
  gmres,
  iterate,
  levenbergMarquardt,
  neumannIteration,
  newton,
  newtonKrylov,
  oneStep,
  perRow,
  picard,
  pseudoTransient,
  type Solver,
  solveFixedPoint,
} from "../../src/implicit/index.js"
import { add, indexAxis, mul, slice, sum, tanh, vmap } from "../../src/ops/index.js"
import { times } from "../support/contraction.js"
import { number, numbers, outcome, relativeError } from "../support/outcome.js"

// rows of very different difficulty: the first is solved at its start, the last takes longest
const xs = tensor([
  [0, 0, 0],
  [0.1, -0.2, 0.3],
  [3, 2, -4],
  [-0.9, 0.8, 0.05],
]) as Tensor
const W = tensor([
  [0.4, -0.6, 0.2],
  [0.5, 0.3, -0.1],
  [-0.1, 0.3, 0.5],
]) as Tensor
const start = mul(xs, 0)
const B = 4
const row = (t: Tensor, i: number) => slice(t, { start: [i], end: [i + 1] })
const layer = (w: Tensor, x: Tensor) => (z: Tensor) => tanh(add(times(z, w), x)) as Tensor

const methods: readonly (readonly [string, Solver])[] = [
  ["picard", picard({ maxEvaluations: 900 })],
  ["damped", damped(picard({ maxEvaluations: 900 }), 0.5)],
  ["anderson", anderson({ memory: 2 })],
  ["broyden with line search", broyden({ memory: 4 })],
  ["broyden without", broyden({ memory: 4, lineSearch: false })],
  ["newton", newton()],
  ["newton with a line search", newton({ lineSearch: true })],
  ["chord", chord()],
  ["pseudoTransient", pseudoTransient()],
  ["levenbergMarquardt", levenbergMarquardt()],
  ["dogleg", dogleg({ radius: 4 })],
  ["newtonKrylov", newtonKrylov({ memory: 2 })],
  ["iterate", iterate(3)],
]

describe.each(methods)("perRow(%s)", (_, solver) => {
  const rowwise = perRow(solver)
  const together = solveFixedPoint(layer(W, xs), start, rowwise)
  const whole = outcome([together.z, together.status, together.residual, together.evaluations]).values as readonly (readonly number[])[]

  it("solves each row as it is solved alone, statuses and counts included, bit for bit", () => {
    for (let i = 0; i < B; i++) {
      const s = solveFixedPoint(layer(W, row(xs, i)), row(start, i), rowwise)
      const [z, ...told] = outcome([s.z, s.status, s.residual, s.evaluations]).values
      expect(z).toEqual(whole[0]?.slice(3 * i, 3 * i + 3))
      expect(told.flat()).toEqual(whole.slice(1).map((t) => t[i]))
    }
  })

  it("equals the method on a state of one row", () => {
    for (let i = 0; i < B; i++) {
      const x = indexAxis(xs, 0, i) as Tensor
      const alone = solveFixedPoint((z: Tensor) => tanh(add(times(z, W), x)) as Tensor, mul(x, 0), solver)
      expect(outcome(alone.z).values[0]).toEqual(whole[0]?.slice(3 * i, 3 * i + 3))
      expect(numbers(alone.evaluations)).toEqual([whole[3]?.[i]])
    }
  })

  it("equals vmap of the method, bit for bit", () => {
    const solve = (x: Tensor) => {
      const s = solveFixedPoint((z: Tensor) => tanh(add(times(z, W), x)) as Tensor, mul(x, 0), solver)
      return [s.z, s.status, s.residual, s.evaluations] as const
    }
    expect(outcome(vmap(solve as never)(xs as never)).values).toEqual(whole)
  })

  it("does not count a row that is decided: rows take different numbers of evaluations", () => {
    const counts = new Set(whole[3])
    if (solver.method._tag === "iterate") expect(counts).toEqual(new Set([4]))
    else expect(counts.size).toBeGreaterThan(2)
  })
})

describe("perRow", () => {
  it("needs one size of first axis in every leaf of the state", () =>
    expect(() => fixedPoint((z: Tensor) => z, tensor(1) as Tensor, perRow(picard()))).toThrow(/perRow needs a first axis of one size/))

  it("a row that does not converge is reported, and takes nothing from the others", () => {
    const rate = tensor([[0.5], [2], [0.25]]) as Tensor
    const solve = (r: Tensor) =>
      solveFixedPoint((z: Tensor) => add(mul(z, r), 1) as Tensor, mul(r, 0), perRow(picard({ onFailure: "useBest" })))
    const { values, solves } = outcome([solve(rate).z, solve(rate).status])
    expect(solves).toMatchObject([{ status: "Diverged" }])
    expect(values[1]).toEqual([1, 4, 1])
    for (const i of [0, 2]) expect(values[0]?.[i]).toBe(number(solve(row(rate, i)).z))
  })
})

describe.each([
  ["exact, dense", exact()],
  ["exact, gmres", exact(gmres())],
  ["exact, Neumann iteration", exact(neumannIteration({ maxEvaluations: 900 }))],
  ["oneStep", oneStep],
] as const)("gradients under vmap: %s", (_, adjoint) => {
  const solver = anderson({ memory: 2, adjoint })
  const solve = (w: Tensor, x: Tensor) => fixedPoint((z: Tensor) => tanh(add(times(z, w), x)) as Tensor, mul(x, 0), solver)
  const u = tensor([1, -0.5, 2]) as Tensor
  const dx = tensor([0.25, 1, -1]) as Tensor

  it("vmap of the pullback is the pullback of each row, bit for bit", () => {
    const pull = (x: Tensor) => vjp((v: Tensor) => solve(W, v), x)[1](u)[0] as Tensor
    expect(numbers(vmap(pull)(xs))).toEqual(Array.from({ length: B }, (_, i) => numbers(pull(indexAxis(xs, 0, i)))).flat())
  })

  it("vmap of the tangent is the tangent of each row, bit for bit", () => {
    const push = (x: Tensor) => jvp((v: Tensor) => solve(W, v), [x], [dx])[1]
    expect(numbers(vmap(push)(xs))).toEqual(Array.from({ length: B }, (_, i) => numbers(push(indexAxis(xs, 0, i)))).flat())
  })

  it("the gradient of what all rows share is the sum of the rows'", () => {
    const shared = numbers(grad((w: Tensor) => sum(vmap((x: Tensor) => solve(w, x))(xs)))(W))
    const each = Array.from({ length: B }, (_, i) => numbers(grad((w: Tensor) => sum(solve(w, indexAxis(xs, 0, i))))(W)))
    const total = shared.map((_, k) => each.reduce((s, g) => s + (g[k] as number), 0))
    expect(relativeError(total, shared)).toBeLessThan(1e-13)
  })
})

describe("vmap of vmap", () => {
  it("is a solve for each pair of rows", () => {
    const rates = tensor([0.3, -0.7]) as Tensor
    const cs = tensor([1, 2, -3]) as Tensor
    const solve = (r: Tensor<[]>, c: Tensor<[]>) =>
      fixedPoint((z: Tensor<[]>) => tanh(add(mul(z, r), c)) as Tensor<[]>, tensor(0) as Tensor<[]>, broyden())
    const all = vmap((r: Tensor<[]>) => vmap((c: Tensor<[]>) => solve(r, c))(cs as never))(rates as never)
    const each = [0, 1].flatMap((i) => [0, 1, 2].map((j) => number(solve(indexAxis(rates, 0, i) as never, indexAxis(cs, 0, j) as never))))
    expect(numbers(all)).toEqual(each)
  })
})
