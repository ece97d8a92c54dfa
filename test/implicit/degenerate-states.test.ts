/** States of no numbers, and states that a method is not for, wherever it stands. */
import { expect, test } from "vitest"
import { evaluate, type Tensor, tensor, toArray } from "../../src/core/index.js"
import {
  anderson,
  bisection,
  broyden,
  chebyshev,
  chord,
  dogleg,
  fixedPoint,
  levenbergMarquardt,
  newton,
  newtonKrylov,
  orElse,
  perRow,
  picard,
  polish,
  projectBox,
  pseudoTransient,
  restarted,
  type Solver,
} from "../../src/implicit/index.js"
import { full, mul } from "../../src/ops/index.js"
import { right } from "../support/either.js"

const half = (z: Tensor): Tensor => mul(z, 0.5) as Tensor

const solvers: Readonly<Record<string, Solver>> = {
  picard: picard(),
  anderson: anderson(),
  "anderson, guarded": anderson({ safeguard: {}, restart: 3, ridge: 1e-10 }),
  broyden: broyden(),
  "broyden, bad": broyden({ update: "bad" }),
  chebyshev: chebyshev({ low: 0, high: 0.9 }),
  newton: newton({ lineSearch: true }),
  newtonKrylov: newtonKrylov(),
  chord: chord(),
  pseudoTransient: pseudoTransient(),
  levenbergMarquardt: levenbergMarquardt(),
  dogleg: dogleg(),
  "picard orElse newton": orElse(picard(), newton()),
  polish: polish(anderson(), 1),
  restarted: restarted(anderson(), 3),
}

test.each(Object.entries(solvers))("%s solves a state without numbers, and one of none among rows", (_, solver) => {
  expect([...toArray(right(evaluate(fixedPoint(half, full([0], 1) as Tensor, solver))))]).toEqual([])
  expect([...toArray(right(evaluate(fixedPoint(half, full([0, 3], 1) as Tensor, perRow(solver)))))]).toEqual([])
})

const bracket = bisection({ low: -1, high: 1 })
test.each([
  ["alone", bracket],
  ["in orElse", orElse(bracket, newton())],
  ["as the second", orElse(picard(), bracket)],
  ["polished", polish(bracket, 1)],
  ["restarted", restarted(bracket, 4)],
] as const)("bisection %s refuses a state of two numbers, and says so", (_, solver) =>
  expect(() => fixedPoint(half, tensor([1, 2]) as Tensor, solver)).toThrow(/bisection needs a state of one number, found float\[2\]/),
)

test("a bracket without a change of sign is told", () =>
  expect(evaluate(fixedPoint((z: Tensor) => mul(z, 0) as Tensor, tensor(3) as Tensor, bisection({ low: 1, high: 2 })))).toMatchObject({
    left: { message: expect.stringContaining("its bracket holds no change of sign") },
  }))

test("a box with its bounds exchanged is refused", () =>
  expect(() => projectBox(tensor([1, 2]), 2, 1)).toThrow("projectBox: the lower bound must not be above the upper one, found 2 and 1"))
