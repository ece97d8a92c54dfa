/** Operator splittings: their steps, the solution and its derivatives by every way, on every target. */
import * as fc from "fast-check"
import * as E from "fp-ts/lib/Either.js"
import { describe, expect, it } from "vitest"
import { compile, grad, type Tensor, tensor, toArray, valueAndGrad } from "../../src/core/index.js"
import {
  anderson,
  damped,
  dense,
  exact,
  fixedPoint,
  forwardBackward,
  gmres,
  type MonotoneEquation,
  monotoneFixedPoint,
  newton,
  peacemanRachford,
  picard,
  type Solver,
  type Splitting,
  splittingCodec,
} from "../../src/implicit/index.js"
import { splitMap } from "../../src/implicit/monotone.js"
import { algorithmOf } from "../../src/implicit/solvers/index.js"
import { abs, add, div, einsum, mul, relu, sign, square, sub, sum, transpose, zerosLike } from "../../src/ops/index.js"
import { apply } from "../support/contraction.js"
import { drive, points } from "../support/drive.js"
import { right } from "../support/either.js"
import { numbers, outcome, relativeError, solveOf } from "../support/outcome.js"

type Problem = { readonly w: Tensor; readonly b: Tensor }
type Prox = MonotoneEquation<Tensor>["prox"]

const tight = { atol: 1e-14, rtol: 1e-14, maxEvaluations: 4000 }
/** C44: one unit of two is inactive. */
const c44: Problem = {
  w: tensor([
    [-0.5, 1],
    [-1, 0.25],
  ]) as Tensor,
  b: tensor([1, 0.2]) as Tensor,
}
const equation = ({ w, b }: Problem, prox: Prox = relu): MonotoneEquation<Tensor> => ({ linear: (z) => apply(w, z), shift: b, prox })
const split =
  (splitting: Splitting, solver: Solver = picard(tight), prox: Prox = relu) =>
  (p: Problem) =>
    monotoneFixedPoint(equation(p, prox), zerosLike(p.b), splitting, solver)
const plain =
  (solver: Solver, prox: Prox = relu) =>
  (p: Problem) =>
    fixedPoint((z: Tensor) => prox(add(apply(p.w, z), p.b) as Tensor, 1), zerosLike(p.b), solver)
/** prox of alpha |z|_1. */
const shrink: Prox = (v, alpha) => mul(sign(v), relu(sub(abs(v), alpha) as Tensor)) as Tensor
/** prox of alpha |z|^2 / 2: smooth. */
const halve: Prox = (v, alpha) => div(v, 1 + alpha) as Tensor

const gradients = (solve: (p: Problem) => Tensor, p: Problem) =>
  numbers(grad((q: Problem) => sum(mul(square(solve(q)), tensor([1, 3]))) as Tensor<[]>)(p as never))

const ways: readonly (readonly [string, (prox?: Prox) => (p: Problem) => Tensor])[] = [
  ["forward-backward", (prox) => split(forwardBackward({ alpha: 0.3 }), picard(tight), prox)],
  ["forward-backward, a small step, by Anderson", (prox) => split(forwardBackward({ alpha: 0.02 }), anderson(tight), prox)],
  ["Peaceman-Rachford", (prox) => split(peacemanRachford(), picard(tight), prox)],
  ["Peaceman-Rachford, a small step", (prox) => split(peacemanRachford({ alpha: 0.25 }), picard(tight), prox)],
  [
    "Peaceman-Rachford, a large step, GMRES within, by Anderson",
    (prox) =>
      split(
        peacemanRachford({ alpha: 4, linear: gmres({ rtol: 1e-15 }) }),
        anderson({ ...tight, adjoint: exact(gmres({ rtol: 1e-14 })) }),
        prox,
      ),
  ],
  ["Peaceman-Rachford by Newton", (prox) => split(peacemanRachford({ linear: dense() }), newton(tight), prox)],
  ["damped Picard", (prox) => plain(damped(picard(tight), 0.3), prox)],
]

describe("S17: steps on z = relu(1 - z) from 0", () => {
  const { b, w } = { w: tensor([[-1]]) as Tensor, b: tensor([1]) as Tensor }
  const visited = (splitting: Splitting) => {
    const { map, solution } = splitMap(equation({ w, b }), splitting, "S17")
    return points(drive(algorithmOf(picard().method), map, [0], 5))
      .slice(1)
      .map((u) => numbers(solution(tensor(u)))[0] as number)
  }
  it("Peaceman-Rachford, alpha = 1", () =>
    expect(relativeError([0.666666666667, 0.444444444444, 0.518518518519, 0.493827160494], visited(peacemanRachford()))).toBeLessThan(
      1e-11,
    ))
  it("forward-backward, alpha = 1/4", () =>
    expect(relativeError([0.25, 0.375, 0.4375, 0.46875], visited(forwardBackward({ alpha: 0.25 })))).toBeLessThan(1e-15))
})

describe.each(ways)("%s", (_, way) => {
  it("C44, C45: the solution and its derivatives", () => {
    expect(relativeError([2 / 3, 0], numbers(way()(c44)))).toBeLessThan(1e-12)
    const jacobian = [0, 1].map((i) =>
      numbers(grad((b: Tensor) => sum(mul(way()({ ...c44, b }), tensor([1 - i, i]))) as Tensor<[]>)(c44.b as never)),
    )
    expect(relativeError([2 / 3, 0, 0, 0], jacobian.flat())).toBeLessThan(1e-12)
    expect(relativeError(gradients(plain(newton(tight)), c44), gradients(way(), c44))).toBeLessThan(1e-11)
  })

  it("solves the equation of a prox that depends on alpha, first and second derivatives too", () => {
    const p: Problem = { ...c44, b: tensor([3, -2]) as Tensor }
    for (const prox of [shrink, halve]) {
      expect(relativeError(numbers(plain(newton(tight), prox)(p)), numbers(way(prox)(p)))).toBeLessThan(1e-12)
      expect(relativeError(gradients(plain(newton(tight), prox), p), gradients(way(prox), p))).toBeLessThan(1e-11)
    }
    const second = (solve: (p: Problem) => Tensor) =>
      numbers(
        grad((w: Tensor) => {
          const g = grad((v: Tensor) => sum(square(solve({ w: v, b: p.b }))) as Tensor<[]>)(w as never) as Tensor
          return sum(
            mul(
              g,
              tensor([
                [1, -2],
                [0.5, 3],
              ]),
            ),
          ) as Tensor<[]>
        })(p.w as never),
      )
    expect(relativeError(second(plain(newton(tight), halve)), second(way(halve)))).toBeLessThan(1e-10)
  })
})

describe("monotoneFixedPoint", () => {
  it.each([
    ["forward-backward", forwardBackward({ alpha: 0.3 })],
    ["Peaceman-Rachford", peacemanRachford({ alpha: 2 })],
  ] as const)("%s: a start at the solution costs one evaluation", (_, splitting) => {
    const z = monotoneFixedPoint(equation(c44), tensor([2 / 3, 0]) as Tensor, splitting)
    expect(solveOf(z, "monotoneFixedPoint")).toMatchObject({ status: "Converged", evaluations: 1 })
  })

  it("a small alpha is not taken for convergence", () => {
    for (const splitting of [forwardBackward({ alpha: 1e-3 }), peacemanRachford({ alpha: 1e-3 })]) {
      const few = monotoneFixedPoint(equation(c44), zerosLike(c44.b), splitting, picard({ rtol: 1e-2, atol: 1e-2, maxEvaluations: 5 }))
      expect(outcome(few).refused).toMatchObject([{ status: "Exhausted" }])
    }
  })

  it("random monotone W, far from a contraction: every alpha of Peaceman-Rachford, and the best of forward-backward, find one z", () => {
    const entry = fc.integer({ min: -16, max: 16 }).map((n) => n / 12)
    const rows = (n: number) => fc.array(fc.array(entry, { minLength: 3, maxLength: 3 }), { minLength: n, maxLength: n })
    fc.assert(
      fc.property(rows(3), rows(3), rows(1), (P, Q, [c]) => {
        const [p, q] = [tensor(P), tensor(Q)] as [Tensor, Tensor]
        const identity = tensor([
          [1, 0, 0],
          [0, 1, 0],
          [0, 0, 1],
        ]) as Tensor
        const m = 0.5
        const gap = add(add(mul(identity, m), einsum("ki,kj->ij", p, p)), sub(transpose(q), q)) as Tensor
        const problem: Problem = { w: sub(identity, gap) as Tensor, b: tensor(c as readonly number[]) as Tensor }
        const size = Math.hypot(...numbers(gap)) // at least the largest singular value
        const expected = numbers(split(forwardBackward({ alpha: m / size ** 2 }), anderson(tight))(problem))
        for (const alpha of [0.5, 1, 3]) {
          const found = numbers(split(peacemanRachford({ alpha }))(problem))
          expect(relativeError([...expected, 1], [...found, 1])).toBeLessThan(1e-10)
        }
      }),
      { numRuns: 8 },
    )
  })

  it("states are trees", () => {
    const z = monotoneFixedPoint(
      {
        linear: ({ x, y }: { readonly x: Tensor; readonly y: Tensor }) => ({
          x: sub(y, mul(x, 0.5)) as Tensor,
          y: sub(mul(y, 0.25), x) as Tensor,
        }),
        shift: { x: tensor([1]) as Tensor, y: tensor([0.2]) as Tensor },
        prox: ({ x, y }) => ({ x: relu(x), y: relu(y) }),
      },
      { x: tensor([0]) as Tensor, y: tensor([0]) as Tensor },
      peacemanRachford(),
      picard(tight),
    )
    expect(relativeError([2 / 3, 0], numbers(z))).toBeLessThan(1e-12)
    const other = { linear: (t: readonly Tensor[]) => t, shift: [] as readonly Tensor[], prox: (t: readonly Tensor[]) => t }
    expect(() => monotoneFixedPoint(other, [tensor([0]) as Tensor], forwardBackward({ alpha: 0.5 }))).toThrow(
      /^monotoneFixedPoint: state, shift and what linear and prox return must have one structure, found \[_\] and \[\]/,
    )
  })

  it("refuses an alpha that is none, and is data", () => {
    for (const alpha of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => forwardBackward({ alpha })).toThrow(/^forwardBackward: alpha must be a number above 0, found/)
      expect(() => peacemanRachford({ alpha })).toThrow(/^peacemanRachford: alpha must be a number above 0, found/)
    }
    for (const s of [forwardBackward({ alpha: 0.125 }), peacemanRachford({ alpha: 3, linear: gmres({ memory: 4 }) })])
      expect(splittingCodec.decode(JSON.parse(JSON.stringify(splittingCodec.encode(s))))).toEqual(E.right(s))
    expect(splittingCodec.is({ _tag: "forwardBackward", alpha: 0 })).toBe(false)
  })

  it.each([
    ["interpreter", 1e-9],
    ["wasm:f64", 1e-9],
    ["wasm", 1e-4],
  ] as const)("%s gives the value and the gradient of C44", async (target, tolerance) => {
    for (const splitting of [forwardBackward({ alpha: 0.3 }), peacemanRachford()]) {
      const loss = (solve: (p: Problem) => Tensor) => (p: Problem) => sum(square(solve(p))) as Tensor<[]>
      const step = valueAndGrad(loss(split(splitting, picard())))
      const program = compile((p: never) => step(p), { target })
      const [value, gradient] = right(await program(c44 as never)()) as unknown as [Tensor, Problem]
      program.dispose()
      const found = [value, gradient.b, gradient.w].flatMap((t) => [...toArray(t)])
      expect(relativeError(numbers(valueAndGrad(loss(plain(newton(tight))))(c44 as never)), found)).toBeLessThan(tolerance)
    }
  })
})
