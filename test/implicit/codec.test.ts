/** Solvers as data: what is stored is what is read, and what is wrong is named. */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Tensor } from "../../src/core/index.js"
import { tensor } from "../../src/core/index.js"
import {
  type Adjoint,
  anderson,
  broyden,
  chord,
  decodeSolver,
  dogleg,
  fixedPoint,
  type LinearSolver,
  levenbergMarquardt,
  type Method,
  newton,
  partsOf,
  perRow,
  picard,
  pseudoTransient,
  type Solver,
  type Structure,
  solverCodec,
} from "../../src/implicit/index.js"
import { badCombination, iterationFault } from "../../src/implicit/spec/index.js"
import { add, matmul, tanh } from "../../src/ops/index.js"
import { left, right } from "../support/either.js"
import { outcome } from "../support/outcome.js"

const whole = (least: number) => fc.integer({ min: least, max: 40 })
const portion = fc.constantFrom(1, 0.5, 0.125)
const above = fc.constantFrom(1e-3, 0.5, 1, 40)
const tolerances = fc.record(
  { atol: fc.constantFrom(0, 1e-12, 1e-3), rtol: fc.constantFrom(0, 1e-9), maxEvaluations: whole(1) },
  { requiredKeys: [] },
)
const andersonMethod = fc
  .record(
    {
      memory: whole(1),
      mixing: portion,
      ridge: fc.constantFrom(0, 1e-10),
      restart: whole(1),
      safeguard: fc.record({ growth: fc.constantFrom(1, 2.5), bound: fc.constantFrom(1e6, 0.5) }),
    },
    { requiredKeys: ["memory", "mixing"] },
  )
  .map((p): Method => ({ _tag: "anderson", ...p }))
const { method } = fc.letrec<{ method: Method }>((tie) => ({
  method: fc.oneof(
    { maxDepth: 3 },
    fc.constant<Method>({ _tag: "picard" }),
    andersonMethod,
    fc
      .record(
        { memory: whole(1), lineSearch: fc.boolean(), update: fc.constantFrom("good", "bad") },
        { requiredKeys: ["memory", "lineSearch"] },
      )
      .map((p): Method => ({ _tag: "broyden", ...p })),
    fc
      .constantFrom([-3, 0.5], [0, 0], [-0.25, 0.875])
      .map(([low, high]): Method => ({ _tag: "chebyshev", low: low as number, high: high as number })),
    fc.constantFrom<Method>({ _tag: "newton" }, { _tag: "newton", lineSearch: true }, { _tag: "newton", lineSearch: false }),
    portion.map((rate): Method => ({ _tag: "chord", rate })),
    above.map((delta): Method => ({ _tag: "pseudoTransient", delta })),
    above.map((damping): Method => ({ _tag: "levenbergMarquardt", damping })),
    above.map((radius): Method => ({ _tag: "dogleg", radius })),
    fc.tuple(above, above, fc.boolean()).map(([low, width, expand]): Method => ({ _tag: "bisection", low, high: low + width, expand })),
    whole(1).map((memory): Method => ({ _tag: "newtonKrylov", memory })),
    whole(0).map((count): Method => ({ _tag: "iterate", count })),
    fc.tuple(portion, tie("method")).map(([tau, of]): Method => ({ _tag: "damped", tau, of })),
    tie("method").map((of): Method => ({ _tag: "perRow", of })),
    tie("method").map((of): Method => ({ _tag: "bestSoFar", of })),
    fc.tuple(whole(1), tie("method")).map(([every, of]): Method => ({ _tag: "restarted", every, of })),
    fc.tuple(whole(1), tie("method")).map(([steps, of]): Method => ({ _tag: "polish", steps, of })),
    fc
      .tuple(tie("method"), tie("method"), fc.option(whole(1), { nil: undefined }))
      .map(([first, second, n]): Method => ({ _tag: "orElse", first, second, ...(n === undefined ? {} : { evaluations: n }) })),
    fc
      .tuple(tie("method"), whole(1), tie("method"))
      .map(([first, evaluations, second]): Method => ({ _tag: "andThen", first, evaluations, second })),
  ),
}))
/** Fixed counts inside what asks how its parts end are refused, by constructors and by the codec. */
const sensible = (m: Method): boolean => badCombination(m) === null && partsOf(m).every(sensible)
const linear: fc.Arbitrary<LinearSolver> = fc.oneof(
  tolerances.map((t): LinearSolver => ({ _tag: "auto", ...t })),
  tolerances.map((t): LinearSolver => ({ _tag: "picard", ...t })),
  fc.tuple(tolerances, whole(1)).map(([t, memory]): LinearSolver => ({ _tag: "gmres", memory, ...t })),
  tolerances.map((t): LinearSolver => ({ _tag: "bicgstab", ...t })),
  tolerances.map((t): LinearSolver => ({ _tag: "normalCg", ...t })),
  fc
    .tuple(
      tolerances,
      method.filter((m) => iterationFault(m) === null),
    )
    .map(([t, m]): LinearSolver => ({ _tag: "iteration", method: m, ...t })),
  fc.constant<LinearSolver>({ _tag: "dense" }),
)
const structure = fc.constantFrom<Structure>("general", "symmetric", "positiveDefinite", "lowerTriangular", "upperTriangular", "diagonal")
const adjointItself: fc.Arbitrary<Adjoint> = fc.oneof(
  linear.map((l): Adjoint => ({ _tag: "exact", linear: l })),
  fc.tuple(linear, structure).map(([l, s]): Adjoint => ({ _tag: "exact", linear: l, structure: s })),
  tolerances.map((t): Adjoint => ({ _tag: "exact", linear: { _tag: "cg", ...t }, structure: "positiveDefinite" })),
  whole(0).map((terms): Adjoint => ({ _tag: "neumann", terms })),
  fc.constant<Adjoint>({ _tag: "oneStep" }),
  whole(0).map((steps): Adjoint => ({ _tag: "unrolled", steps })),
  fc.tuple(whole(0), whole(0)).map(([a, b]): Adjoint => ({ _tag: "truncated", steps: a + b, last: b })),
  fc.record({ steps: whole(1), tau: portion }).map((p): Adjoint => ({ _tag: "phantom", ...p })),
  fc.record({ guard: fc.constantFrom(0, 0.25, 3) }, { requiredKeys: [] }).map((p): Adjoint => ({ _tag: "shine", ...p })),
  fc.record({ steps: whole(0), snapshots: whole(1) }).map((p): Adjoint => ({ _tag: "checkpointed", ...p })),
)
const adjoint = fc.oneof(
  adjointItself,
  adjointItself.filter((of) => !["unrolled", "checkpointed"].includes(of._tag)).map((of): Adjoint => ({ _tag: "bilevel", of })),
)
const solver: fc.Arbitrary<Solver> = fc
  .tuple(
    method.filter(sensible),
    adjoint,
    fc.constantFrom("reject", "useBest", "fixedBudget"),
    tolerances,
    fc.option(fc.string(), { nil: undefined }),
  )
  .map(([method, adjoint, onFailure, t, name]) => ({ method, adjoint, onFailure, ...t, ...(name === undefined ? {} : { name }) }) as Solver)

const throughJson = (s: Solver): Solver => right(decodeSolver(JSON.parse(JSON.stringify(solverCodec.encode(s)))))

describe("a solver through its codec", () => {
  it("decode . encode is the identity, through JSON", () => fc.assert(fc.property(solver, (s) => void expect(throughJson(s)).toEqual(s))))

  it("a broyden and an anderson that were stored before they had options are the ones of today", () => {
    const stored = (method: object) => right(decodeSolver({ ...picard(), method })).method
    expect(stored({ _tag: "broyden", memory: 20, lineSearch: true })).toEqual(broyden().method)
    expect(stored({ _tag: "broyden", memory: 20, lineSearch: true })).toEqual(broyden({ update: "good" }).method)
    expect(stored({ _tag: "anderson", memory: 5, mixing: 1 })).toEqual(anderson({ ridge: 0 }).method)
  })

  it.each([
    ["anderson", anderson({ memory: 3, mixing: 0.75 })],
    ["perRow(broyden)", perRow(broyden({ memory: 4 }))],
    ["newton with a line search", newton({ lineSearch: true })],
    ["chord", chord({ rate: 0.25 })],
    ["pseudoTransient", pseudoTransient({ delta: 0.5 })],
    ["levenbergMarquardt", levenbergMarquardt({ damping: 2 })],
    ["dogleg", dogleg({ radius: 0.25 })],
  ] as const)("%s read back takes the same steps, bit for bit", (_, s) => {
    const w = tensor([
      [0.3, -0.4],
      [0.6, 0.1],
    ]) as Tensor
    const x = tensor([
      [0.5, -0.3],
      [2, 1],
    ]) as Tensor
    const run = (by: Solver) =>
      outcome(
        fixedPoint(
          (z: Tensor) => tanh(add(matmul(z, w), x)) as Tensor,
          tensor([
            [0, 0],
            [0, 0],
          ]) as Tensor,
          by,
        ),
      )
    expect(run(throughJson(s))).toEqual(run(s))
  })
})

const spoil = (change: object): unknown => ({ ...picard(), ...change })

describe("a wrong solver is a Left that names the variant and the field", () => {
  it.each([
    ["no record", 3, "solver: expected a record with method, adjoint and onFailure, found 3"],
    [
      "nothing in it",
      {},
      "solver.method: expected a _tag of picard, anderson, broyden, chebyshev, newton, newtonKrylov, chord, pseudoTransient, levenbergMarquardt, dogleg, bisection, iterate, damped, perRow, orElse, andThen, restarted, bestSoFar, defined, polish; found none",
    ],
    ["an unknown method", spoil({ method: { _tag: "andersen" } }), "solver.method (andersen): expected a _tag of picard, anderson"],
    [
      "a number out of range",
      spoil({ method: { _tag: "anderson", memory: 0, mixing: 1 } }),
      "solver.method (anderson): memory must be a whole number of at least 1, found 0",
    ],
    [
      "a field that is missing",
      spoil({ method: { _tag: "iterate" } }),
      "solver.method (iterate): count must be a whole number of at least 0, found nothing",
    ],
    [
      "a field that is misspelt",
      spoil({ adjoint: { _tag: "neumann", terms: 1, term: 2 } }),
      'solver.adjoint (neumann): has no field "term"',
    ],
    ["a field of the solver that is misspelt", spoil({ atoll: 1e-3 }), 'solver: has no field "atoll"'],
    [
      "a fault inside a combinator",
      spoil({ method: { _tag: "perRow", of: { _tag: "damped", tau: 2, of: { _tag: "picard" } } } }),
      "solver.method.of (damped): tau must be a number in (0, 1], found 2",
    ],
    [
      "a fault in the linear solver",
      spoil({ adjoint: { _tag: "exact", linear: { _tag: "gmres", memory: 1.5 } } }),
      "solver.adjoint.linear (gmres): memory must be a whole number of at least 1, found 1.5",
    ],
    [
      "two fields that disagree",
      spoil({ adjoint: { _tag: "truncated", steps: 2, last: 3 } }),
      "solver.adjoint (truncated): can't differentiate the last 3 of 2 steps",
    ],
    [
      "an adjoint inside an adjoint that it can't hold",
      spoil({ adjoint: { _tag: "bilevel", of: { _tag: "checkpointed", steps: 3, snapshots: 1 } } }),
      "solver.adjoint (bilevel): gradients of checkpointed reach the initial state already",
    ],
    [
      "snapshots that are none",
      spoil({ adjoint: { _tag: "checkpointed", steps: 3, snapshots: 0 } }),
      "solver.adjoint (checkpointed): snapshots must be a whole number of at least 1, found 0",
    ],
    [
      "a bracket that is none",
      spoil({ method: { _tag: "bisection", low: 1, high: 1, expand: false } }),
      "solver.method (bisection): low must be below high, found 1 and 1",
    ],
    [
      "an end of a bracket that is not finite",
      spoil({ method: { _tag: "bisection", low: 1, high: "infinity", expand: false } }),
      'solver.method (bisection): high must be a finite number, found "infinity"',
    ],
    [
      "a radius of nothing",
      spoil({ method: { _tag: "dogleg", radius: 0 } }),
      "solver.method (dogleg): radius must be a number above 0, found 0",
    ],
    [
      "a spectrum that reaches 1",
      spoil({ method: { _tag: "chebyshev", low: -1, high: 1 } }),
      "solver.method (chebyshev): the spectrum must lie in [low, high] with low <= high < 1, found [-1, 1]",
    ],
    [
      "an update that there is not",
      spoil({ method: { _tag: "broyden", memory: 3, lineSearch: true, update: "ugly" } }),
      'solver.method (broyden): update must be "good" | "bad", found "ugly"',
    ],
    [
      "a safeguard without its bound",
      spoil({ method: { _tag: "anderson", memory: 3, mixing: 1, safeguard: { growth: 2 } } }),
      "solver.method.safeguard: bound must be a number above 0, found nothing",
    ],
    [
      "a part without an end",
      spoil({ method: { _tag: "perRow", of: { _tag: "polish", steps: 1, of: { _tag: "iterate", count: 3 } } } }),
      "solver.method.of (polish): polish asks how its parts end, and iterate has no stopping test",
    ],
    ["a tolerance below zero", spoil({ rtol: -1 }), "solver: rtol must be a number of at least 0, found -1"],
    ["an unknown policy", spoil({ onFailure: "ignore" }), 'solver: onFailure must be "reject" | "useBest" | "fixedBudget", found "ignore"'],
  ])("%s", (_, bad, message) => expect(left(decodeSolver(bad)).message).toContain(message))
})
