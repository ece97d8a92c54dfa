/** Each law of a solver on the equation catches the fault that it is there for. */
import { describe, expect, test } from "vitest"
import type { Tensor } from "../../src/core/index.js"
import { anderson, oneStep, picard, solveFixedPoint } from "../../src/implicit/index.js"
import { equationLaws } from "../../src/laws/implicit/equation-laws.js"
import * as laws from "../../src/laws/index.js"
import { add, cast, iota, mul } from "../../src/ops/index.js"
import { failure } from "./support.js"

type Solve = laws.Solve
/** A solve whose solution is changed afterwards. */
const spoilt =
  (change: (z: Tensor) => Tensor): Solve =>
  (f, init, solver) => {
    const told = solveFixedPoint(f, init, solver)
    const z = told.z as unknown as Tensor | { readonly last: Tensor }
    return { ...told, z: ("last" in z ? { ...z, last: change(z.last) } : change(z)) as never }
  }

const wrong: Readonly<Record<string, Solve>> = {
  "best iterate": (f, init, solver) => {
    const told = solveFixedPoint(f, init, solver)
    return { ...told, residual: mul(told.residual, add(told.evaluations, 1)) as Tensor }
  },
  "order of unknowns": spoilt((z) => add(z, mul(cast(iota(z.shape[0] as number), "float"), 0.01)) as Tensor),
  translation: spoilt((z) => mul(z, 1.01) as Tensor),
  "no gradient of a failure": (f, init, solver) => solveFixedPoint(f, init, { ...solver, onFailure: "useBest" }),
  "tree independence": spoilt((z) => (z.shape[0] === 1 ? (add(z, 0.01) as Tensor) : z)),
  "f after f": (f, init, solver) => solveFixedPoint(f, init, { ...solver, adjoint: oneStep }),
  "three ways": spoilt((z) => add(z, 0.01) as Tensor),
}

const lawCalled = (name: string, solve?: Solve) => {
  const found = equationLaws(anderson(), 0.7, solve).find((law) => law.name === `solver: ${name}`)
  if (found === undefined) throw new Error(`there is no law ${name}`)
  return found
}

describe.each(Object.entries(wrong))("%s", (name, solve) => {
  test("holds", () => laws.assert(lawCalled(name), { runs: 6 }))
  test("catches its fault", async () =>
    expect((await failure(lawCalled(name, solve), { runs: 60, shrink: false })).law).toBe(`solver: ${name}`))
})

test("there is a fault for every law", () =>
  expect(equationLaws(picard(), 0.7).map((law) => law.name)).toEqual(Object.keys(wrong).map((name) => `solver: ${name}`)))
