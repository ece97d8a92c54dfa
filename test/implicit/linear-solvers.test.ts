/** Laws of linear solves, for every linear solver on generated operators, on every target that computes by itself. */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { compile, evaluate, type TargetName, type Tensor, tensor, toArray, vjp } from "../../src/core/index.js"
import {
  anderson,
  andThen,
  auto,
  bicgstab,
  bisection,
  broyden,
  cg,
  chord,
  damped,
  dense,
  diagonalOperator,
  dogleg,
  gmres,
  iteration,
  type LinearSolver,
  levenbergMarquardt,
  linearSolve,
  lowerTriangular,
  newton,
  newtonKrylov,
  normalCg,
  orElse,
  perRow,
  picard,
  polish,
  positiveDefinite,
  pseudoTransient,
  symmetric,
  upperTriangular,
} from "../../src/implicit/index.js"
import { mul, sum, vmap } from "../../src/ops/index.js"
import { gaussJordan } from "../ops/reference/solve.js"
import { apply } from "../support/contraction.js"
import { right } from "../support/either.js"
import { outcome, relativeError } from "../support/outcome.js"

const N = 5
type Matrix = readonly (readonly number[])[]
const map = (m: Matrix, f: (x: number, i: number, j: number) => number): Matrix => m.map((r, i) => r.map((x, j) => f(x, i, j)))

/** I + E with |E| below 0.8: far from symmetric, and a contraction for the iterations. */
const general = (e: Matrix): Matrix => map(e, (x, i, j) => (i === j ? 1 : 0) + (0.8 * x) / N)
const lower = (e: Matrix): Matrix => map(general(e), (x, i, j) => (j > i ? 0 : x))
const upper = (e: Matrix): Matrix => map(general(e), (x, i, j) => (j < i ? 0 : x))
const definite = (e: Matrix): Matrix =>
  map(e, (x, i, j) => (i === j ? 1.8 : 0) + (0.4 * (x + ((e[j] as readonly number[])[i] as number))) / N)
/** Symmetric with eigenvalues of both signs. */
const indefinite = (e: Matrix): Matrix => map(definite(e), (x, i, j) => (i === j && i % 2 === 1 ? -x : x))

type Solve = (m: Tensor, b: Tensor) => Tensor
const by =
  (solver: LinearSolver): Solve =>
  (m, b) =>
    linearSolve((x: Tensor) => apply(m, x), b, { solver, name: "system" })

interface Case {
  readonly of: (e: Matrix) => Matrix
  readonly solve: Solve
}
const cases: Readonly<Record<string, Case>> = {
  dense: { of: general, solve: by(dense()) },
  gmres: { of: general, solve: by(gmres()) },
  "gmres, memory 2": { of: general, solve: by(gmres({ memory: 2 })) },
  bicgstab: { of: general, solve: by(bicgstab()) },
  normalCg: { of: general, solve: by(normalCg()) },
  picard: { of: general, solve: by(iteration(picard())) },
  "damped picard": { of: general, solve: by(iteration(damped(picard(), 0.9))) },
  anderson: { of: general, solve: by(iteration(anderson())) },
  broyden: { of: general, solve: by(iteration(broyden())) },
  newtonKrylov: { of: general, solve: by(iteration(newtonKrylov())) },
  "gmres, symmetric": {
    of: indefinite,
    solve: (m, b) =>
      linearSolve(
        symmetric((x: Tensor) => apply(m, x)),
        b,
        { solver: gmres() },
      ),
  },
  cg: {
    of: definite,
    solve: (m, b) =>
      linearSolve(
        positiveDefinite((x: Tensor) => apply(m, x)),
        b,
        { solver: cg() },
      ),
  },
  "auto, lower": {
    of: lower,
    solve: (m, b) =>
      linearSolve(
        lowerTriangular((x: Tensor) => apply(m, x)),
        b,
      ),
  },
  "auto, upper": {
    of: upper,
    solve: (m, b) =>
      linearSolve(
        upperTriangular((x: Tensor) => apply(m, x)),
        b,
      ),
  },
  "auto, diagonal": {
    of: (e) => map(general(e), (x, i, j) => (i === j ? x : 0)),
    solve: (m, b) =>
      linearSolve(
        diagonalOperator((x: Tensor) => apply(m, x)),
        b,
        { solver: auto() },
      ),
  },
}

const entry = fc.integer({ min: -16, max: 16 }).map((n) => n / 16)
const vector = fc.array(entry, { minLength: N, maxLength: N }).filter((v) => v.some((x) => x !== 0))
const matrix = fc.array(fc.array(entry, { minLength: N, maxLength: N }), { minLength: N, maxLength: N })

/** The solution, its adjoint, and rows of both kinds: right sides of one operator, operators of their own. */
const everything = (solve: Solve) => (ms: Tensor, bs: Tensor, u: Tensor) => {
  const [m, b] = [
    sum(mul(ms, tensor([[[1]], [[0]]]) as Tensor) as Tensor, [0]) as Tensor,
    sum(mul(bs, tensor([[1], [0]]) as Tensor) as Tensor, [0]) as Tensor,
  ]
  const [x, pull] = vjp((r: Tensor) => solve(m, r), b)
  return { x, adjoint: pull(u)[0] as Tensor, shared: vmap((r: Tensor) => solve(m, r))(bs) as Tensor, own: vmap(solve)(ms, bs) as Tensor }
}

const targets: readonly (readonly [TargetName, number, number])[] = [
  ["interpreter", 1e-10, 490],
  ["wasm:f64", 1e-10, 490],
  ["wasm", 2e-4, 50],
]

describe.each(targets)("on %s", (target, tolerance, powers) => {
  describe.each(Object.entries(cases))("%s", (_, { of, solve }) => {
    const program = compile(everything(solve), { target })
    const run = async (ms: readonly Matrix[], bs: Matrix, u: readonly number[]) => {
      const { value } = right(await program.run(tensor(ms) as Tensor, tensor(bs) as Tensor, tensor(u) as Tensor)())
      const list = (t: Tensor) => [...toArray(t)]
      return { x: list(value.x), adjoint: list(value.adjoint), shared: list(value.shared), own: list(value.own) }
    }
    const near = (expected: readonly number[], found: readonly number[], what: string) =>
      expect(relativeError([...expected, 1], [...found, 1]), what).toBeLessThan(tolerance)
    const dot = (a: readonly number[], b: readonly number[]) => a.reduce((s, x, i) => s + x * (b[i] as number), 0)

    it("L1, L3, L7: it solves, its transpose too; <u, x> = <adjoint, b>; rows are what they are alone", () =>
      fc.assert(
        fc.asyncProperty(matrix, matrix, vector, vector, vector, async (e, e2, b, b2, u) => {
          const [m, m2] = [of(e), of(e2)]
          const { x, adjoint, shared, own } = await run([m, m2], [b, b2], u)
          near(gaussJordan(m, b), x, "x")
          near(
            gaussJordan(
              map(m, (_x, i, j) => (m[j] as readonly number[])[i] as number),
              u,
            ),
            adjoint,
            "adjoint",
          )
          near([dot(u, x)], [dot(adjoint, b)], "<u, x> = <adjoint, b>")
          near([...x, ...gaussJordan(m, b2)], shared, "right sides of one operator")
          near([...x, ...gaussJordan(m2, b2)], own, "operators of their own")
        }),
        { numRuns: 3 },
      ))

    it("L2: a right side 2^k times as large has that solution, to the bit", () =>
      fc.assert(
        fc.asyncProperty(matrix, vector, vector, fc.integer({ min: -powers, max: powers }), async (e, b, u, k) => {
          const scaled = (v: readonly number[]) => v.map((x) => x * 2 ** k)
          const [one, other] = [await run([of(e), of(e)], [b, b], u), await run([of(e), of(e)], [scaled(b), scaled(b)], scaled(u))]
          expect(other).toEqual({ x: scaled(one.x), adjoint: scaled(one.adjoint), shared: scaled(one.shared), own: scaled(one.own) })
        }),
        { numRuns: 1 },
      ))
  })
})

describe("what a solver can't do is told", () => {
  const system = (m: Matrix, b: readonly number[], solver: LinearSolver) =>
    outcome(linearSolve((x: Tensor) => apply(tensor(m) as Tensor, x), tensor(b) as Tensor, { solver, name: "system" }))
  const skew = [
    [0, 1],
    [-1, 0],
  ]

  it("bicgstab: a skew operator breaks it down, once again after it began anew", () => {
    expect(system(skew, [1, 2], bicgstab()).refused).toMatchObject([{ status: "Breakdown" }])
    expect(system(skew, [1, 2], gmres()).refused).toEqual([])
  })

  it("bicgstab: the signs of the operator and the size of the right side don't matter (lineax)", () => {
    const negative = [
      [-2, 0.5, 0],
      [0, -1, 0.25],
      [0.5, 0, -3],
    ]
    const x = gaussJordan(negative, [1, 2, 3])
    for (const c of [1, 1e-12, 1e-200])
      expect(
        relativeError(
          x.map((v) => v * c),
          system(negative, [c, 2 * c, 3 * c], bicgstab()).values[0] ?? [],
        ),
      ).toBeLessThan(1e-10)
  })

  it.each([5, 8, 12])("gmres: %i evaluations, fewer than a cycle has, still find something", (maxEvaluations) => {
    const n = 24
    const m = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? 1 : 0.4 * Math.sin(i * 7 + j * 3))))
    const b = Array.from({ length: n }, (_, i) => Math.cos(i))
    const { values, refused } = system(m, b, gmres({ maxEvaluations }))
    expect(refused).toMatchObject([{ status: "Exhausted" }])
    const x = values[0] ?? []
    const residual = m.map((row, i) => (b[i] as number) - row.reduce((sum, v, j) => sum + v * (x[j] as number), 0))
    expect(Math.hypot(...residual)).toBeLessThan(0.7 * Math.hypot(...b))
  })

  const singular = [
    [1, 0],
    [0, 0],
  ]
  const solvers: readonly (readonly [string, LinearSolver])[] = [
    ["gmres", gmres()],
    ["bicgstab", bicgstab()],
    ["normalCg", normalCg()],
    ["anderson", iteration(anderson())],
    ["broyden", iteration(broyden())],
    ["dense", dense()],
    ["auto", auto()],
  ]
  it.each(solvers)("%s: a singular operator is refused (lineax 18)", (_, solver) =>
    expect(system(singular, [1, 1], solver).refused).toHaveLength(1),
  )
  it.each(solvers.filter(([name]) => name === "gmres" || name === "normalCg"))(
    "%s: where the right side lies in its range there is a solution, but no gradient (lineax 18)",
    (_, solver) => {
      const [x, pull] = vjp(
        (b: Tensor) => linearSolve((v: Tensor) => apply(tensor(singular) as Tensor, v), b, { solver, name: "system" }),
        tensor([1, 0]) as Tensor,
      )
      expect(right(evaluate(x))).toBeDefined()
      expect(outcome(x).values).toEqual([[1, 0]])
      expect(outcome(pull(tensor([1, 1]) as Tensor)[0]).refused).toMatchObject([{ site: "system'" }])
    },
  )

  it("normalCg: one step on diag(1, 1e-6) is no solution (jaxopt 466), and what is told is the residual of the system itself", () => {
    const steep = [
      [1, 0],
      [0, 1e-6],
    ]
    const { refused } = system(steep, [1, 1], normalCg({ maxEvaluations: 3 }))
    expect(refused).toHaveLength(1)
    expect(refused[0]?.residual).toBeGreaterThan(0.7)
    expect(system(steep, [1, 1], gmres()).values[0]?.[1]).toBeCloseTo(1e6, 3)
  })

  it("a tolerance means the same whatever the size of the operator", () => {
    const small = map(
      general(
        map(
          Array.from({ length: 12 }, () => Array(12).fill(0)),
          (_x, i, j) => Math.sin(1 + 3 * i + 7 * j) * 4,
        ),
      ),
      (x) => x * 1e-13,
    )
    const b = Array.from({ length: 12 }, (_, i) => Math.cos(i))
    const x = gaussJordan(small, b)
    for (const solver of [gmres({ memory: 3, maxEvaluations: 400 }), bicgstab(), normalCg()]) {
      const { values, refused } = system(small, b, solver)
      if (refused.length === 0) expect(relativeError(x, values[0] ?? [])).toBeLessThan(1e-8)
    }
    expect(system(small, b, gmres({ memory: 3, maxEvaluations: 400 })).refused).toEqual([])
  })

  it("a solution out of range is no number", () => {
    const { values, refused } = system([[1e-200]], [1e200], gmres())
    expect(values).toEqual([[0]])
    expect(refused).toMatchObject([{ status: "NonFinite" }])
  })

  it("a method that can't be a linear solver is refused when it is made", () => {
    expect(() => iteration({ ...picard(), method: { _tag: "newton" } })).toThrow(/newton needs the whole matrix: use dense\(\)/)
    expect(() => iteration({ ...picard(), method: { _tag: "damped", tau: 0.5, of: { _tag: "iterate", count: 2 } } })).toThrow(
      /iterate has no stopping test/,
    )
    for (const [of, name] of [
      [chord(), "chord"],
      [pseudoTransient(), "pseudoTransient"],
      [levenbergMarquardt(), "levenbergMarquardt"],
      [dogleg(), "dogleg"],
      [polish(picard(), 1), "polish"],
      [orElse(picard(), newton()), "newton"],
      [andThen(picard(), 3, perRow(chord())), "chord"],
    ] as const)
      expect(() => iteration(of)).toThrow(`iteration: ${name} needs the whole matrix: use dense()`)
    expect(() => iteration(bisection({ low: 0, high: 1 }))).toThrow("iteration: bisection is for one number: use dense()")
    expect(iteration(orElse(picard(), anderson()))).toMatchObject({ _tag: "iteration", method: { _tag: "orElse" } })
  })
})
