/** Solvers of users: functions and a name, and then a solver like every other. */
import * as t from "io-ts"
import { describe, expect, it } from "vitest"
import { compile, evaluate, grad, type Tensor, TraceError, tensor } from "../../src/core/index.js"
import {
  decodeSolver,
  defineSolver,
  fixedPoint,
  iteration,
  linearSolve,
  newton,
  orElse,
  perRow,
  picard,
  polish,
  type Solver,
  showMethod,
  solveFixedPoint,
  solverCodec,
} from "../../src/implicit/index.js"
import * as laws from "../../src/laws/index.js"
import { add, all, div, finite, floor, full, less, mul, not, sub, sum, where, zerosLike } from "../../src/ops/index.js"
import { failure } from "../laws/support.js"
import { c13, z13, zero2 } from "../support/contraction.js"
import { left, right } from "../support/either.js"
import { heavyBall } from "../support/heavy-ball.js"
import { number, numbers, outcome, relativeError } from "../support/outcome.js"

const throughJson = (s: Solver): Solver => right(decodeSolver(JSON.parse(JSON.stringify(solverCodec.encode(s)))))

describe("a solver that a user defined", () => {
  const by = heavyBall({ momentum: 0.2, rtol: 1e-13, atol: 1e-13 })

  it("is data, printed and stored by its name", () => {
    expect(by).toEqual({
      ...picard({ rtol: 1e-13, atol: 1e-13 }),
      method: { _tag: "defined", name: "heavyBall", options: { momentum: 0.2 } },
    })
    expect(showMethod(perRow(by).method)).toBe("perRow(of heavyBall(momentum 0.2))")
    expect(throughJson(orElse(by, newton()))).toEqual(orElse(by, newton()))
  })

  it("takes its own steps: z2 = f(z1) + momentum (z1 - z0)", () => {
    const two = solveFixedPoint(c13, zero2, { ...by, onFailure: "useBest", maxEvaluations: 3 })
    const z1 = c13(zero2)
    const z2 = add(c13(z1), mul(z1, 0.2))
    const { values } = outcome([two.z, z2])
    expect(values[0]).toEqual(values[1])
  })

  it("without momentum is picard, bit for bit", () => {
    const told = (s: Solver) => {
      const { z, status, residual, evaluations } = solveFixedPoint(c13, zero2, s)
      return numbers([z, status, residual, evaluations])
    }
    expect(told(heavyBall({ momentum: 0 }))).toEqual(told(picard()))
  })

  it("is differentiated by the implicit function theorem, runs by row, as a part, and on wasm", async () => {
    const layer = (s: Solver) => (b: Tensor) => sum(fixedPoint((z: Tensor) => add(c13(z), b) as Tensor, zero2, s))
    expect(relativeError(numbers(grad(layer(newton()))(zero2)), numbers(grad(layer(by))(zero2)))).toBeLessThan(1e-11)
    const doubling = (z: Tensor) => add(mul(z, 2), 1) as Tensor
    expect(number(fixedPoint(doubling, tensor([0.5]) as Tensor, perRow(orElse(by, newton()))))).toBe(-1)
    const run = compile((z: Tensor) => fixedPoint(c13, z, by), { target: "wasm:f64" })
    expect(relativeError(z13, numbers(right(await run(zero2)())))).toBeLessThan(1e-11)
  })
})

describe("what is refused", () => {
  const named = (name: string) =>
    defineSolver({
      name,
      options: t.type({ n: t.number }),
      init: (z) => ({ state: {}, ask: { at: z } }),
      step: (s, { f }) => ({ state: s, ask: { at: f } }),
    })

  it("is a name that exists, and options that are wrong or no data", () => {
    const once = named("once")
    expect(() => named("once")).toThrow('a solver called "once" exists already')
    expect(() => once({ n: "two" as never })).toThrow('the options.n of once must be number, found "two"')
    expect(() => once({ n: Number.NaN })).toThrow(TraceError)
    expect(() => once({ n: Number.NaN })).toThrow("must be data that JSON can hold")
  })

  it("is a stored solver whose name is not known, and stored options that are wrong", () => {
    const stored = (method: object) => left(decodeSolver({ ...picard(), method })).message
    expect(stored({ _tag: "defined", name: "nobody", options: {} })).toMatch(
      /^solver\.method \(defined\): no solver is called "nobody"; defined are heavyBall, .*Import what calls defineSolver for it first$/,
    )
    expect(stored({ _tag: "defined", name: "heavyBall", options: {} })).toBe(
      "solver.method (defined): the options.momentum of heavyBall must be number, found nothing",
    )
  })
})

describe("laws.solver", () => {
  it("holds for a defined solver", async () => {
    await laws.assert(laws.solver(heavyBall({ momentum: 0.1 }), { rho: 0.6 }), { runs: 4 })
  })

  const none = t.type({})
  const wrong: readonly (readonly [string, Solver, RegExp])[] = [
    [
      "claims to have converged after one step",
      defineSolver({
        name: "boaster",
        options: none,
        init: (z) => ({ state: {}, ask: { at: z } }),
        step: (state, { f }) => ({ state, ask: { at: f }, verdict: full([], 1) as Tensor<[]> }),
      })({}),
      /honest status/,
    ],
    [
      "steps in the wrong direction",
      defineSolver({
        name: "backwards",
        options: none,
        init: (z) => ({ state: {}, ask: { at: z } }),
        step: (state, { at, f }) => ({ state, ask: { at: sub(mul(at, 2), f) } }),
      })({}),
      /finds solutions/,
    ],
    [
      "hides NaN behind zeros and goes on",
      defineSolver({
        name: "hider",
        options: none,
        init: (z) => ({ state: {}, ask: { at: z } }),
        step: (state, { at, f }) => {
          const bad = not(all(finite(f)))
          const next = where(bad, zerosLike(at), f)
          return { state, ask: { at: next }, anew: where(bad, 1, 0) as Tensor<[]>, verdict: where(bad, 1, 0) as Tensor<[]> }
        },
      })({}),
      /tells NaN/,
    ],
    [
      "steps at random",
      defineSolver({
        name: "gambler",
        options: none,
        init: (z) => ({ state: {}, ask: { at: z } }),
        step: (state, { at, f }) => ({ state, ask: { at: add(at, mul(sub(f, at), 1 - 0.01 * Math.random())) } }),
      })({}),
      /determinism/,
    ],
  ]
  it.each(wrong)("finds a solver that %s", async (_, solver, law) => {
    const all = laws.solver(solver, { rho: 0.6 })
    const found = []
    for (const one of all.filter(({ name }) => law.test(name))) found.push(await failure(one))
    expect(found).toHaveLength(1)
  })
})

it("one that needs the Jacobian is no linear solver: it is told to take the matrix", () => {
  const own = defineSolver({
    name: "needsAll",
    options: t.strict({}),
    needs: ["jacobian"],
    init: (z) => ({ state: {}, ask: { at: z } }),
    step: (state, { f }) => ({ state, ask: { at: f } }),
  })
  const solved = evaluate(linearSolve((x: Tensor) => mul(x, 2) as Tensor, tensor([1]) as Tensor, { solver: iteration(own({})) }))
  expect(left(solved).message).toContain("iteration: needsAll needs the whole matrix: use dense()")
})

describe("a solver that says when it goes on anew", () => {
  // stays where it is for twelve turns and then has the solution, 0
  const waiting = (name: string, anewEvery: number) =>
    defineSolver({
      name,
      options: t.strict({}),
      patience: () => 4,
      init: (z) => ({ state: { turn: full([], 0) as Tensor }, ask: { at: z } }),
      step: ({ turn }, { at }) => {
        const next = add(turn, 1) as Tensor
        const sinceAnew = sub(next, mul(floor(div(next, anewEvery)), anewEvery))
        return {
          state: { turn: next },
          ask: { at: where(less(next, 12), at, zerosLike(at)) },
          anew: where(less(sinceAnew, 0.5), 1, 0) as Tensor<[]>,
        }
      },
    })({})
  const halving = (z: Tensor) => mul(z, 0.5) as Tensor
  const told = (by: Solver) => {
    const { z, status, residual, evaluations } = solveFixedPoint(halving, tensor([1]) as Tensor, { ...by, onFailure: "useBest" })
    return numbers([z, status, residual, evaluations])
  }

  it("is waited for from then on, alone and as a part of another", () => {
    const often = waiting("anewEveryThree", 3)
    expect(told(often)).toEqual([0, 1, 0, 13])
    expect(told(orElse(often, newton()))).toEqual(told(often))
    expect(told(polish(often, 1))).toEqual([0, 1, 0, 15])
  })

  it("and one that says so less often than its patience lasts has stalled", () => {
    const seldom = waiting("anewEveryTen", 10)
    expect(told(seldom).slice(1)).toEqual([3, 0.5, 6])
    expect(told(orElse(seldom, picard())).slice(0, 2)).toEqual(told(picard()).slice(0, 2))
  })
})

describe("definitions that can't work are told", () => {
  const none = t.type({})
  const told = (by: Solver) => left(evaluate(solveFixedPoint(c13, zero2, by).z)).message

  it("an option that every solver has", () => {
    const named = (options: t.Type<{ rtol: number }, { rtol: number }, unknown>) => () =>
      defineSolver({
        name: "ownTolerance",
        options,
        init: (z) => ({ state: {}, ask: { at: z } }),
        step: (state, { f }) => ({ state, ask: { at: f } }),
      })
    expect(named(t.type({ rtol: t.number }))).toThrow("every solver has an option called rtol; call that of ownTolerance otherwise")
    expect(named(t.strict({ rtol: t.number }))).toThrow("every solver has an option called rtol")
    expect(named(t.intersection([t.type({ rtol: t.number }), t.partial({ own: t.number })]))).toThrow(
      "every solver has an option called rtol",
    )
  })

  it("a constant that holds data, with what to write instead", () => {
    const by = defineSolver({
      name: "holder",
      options: none,
      init: (z) => ({ state: { n: tensor(0) as Tensor }, ask: { at: z } }),
      step: (state, { f }) => ({ state, ask: { at: f } }),
    })({})
    expect(told(by)).toContain("uses a tensor from outside: float[]. It holds no data")
    expect(told(by)).toContain("write constants as numbers, or by full and zeros")
  })

  it("a point that is no state", () => {
    const by = defineSolver({
      name: "scalarAsker",
      options: none,
      init: (z) => ({ state: {}, ask: { at: z } }),
      step: (state, { f }) => ({ state, ask: { at: sum(f) as Tensor } }),
    })({})
    expect(told(by)).toContain("scalarAsker: it asks for f at float[]; a row's state is float[2]")
  })
})
