/** Rows that depend on one another are no rows: perRow tells of them, where their solves would each end at a point that is no solution. */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { compile, evaluate, grad, type Tensor, tensor } from "../../src/core/index.js"
import { anderson, broyden, damped, fixedPoint, newton, perRow, picard, type Solver, solveFixedPoint } from "../../src/implicit/index.js"
import * as laws from "../../src/laws/index.js"
import { add, einsum, mul, sub, sum, zeros } from "../../src/ops/index.js"
import { failure } from "../laws/support.js"
import { left, right } from "../support/either.js"
import { numbers, outcome } from "../support/outcome.js"

const COUPLED = 8
const solvers: readonly (readonly [string, Solver])[] = [
  ["picard", picard()],
  ["damped", damped(picard(), 0.5)],
  ["anderson", anderson()],
  ["broyden", broyden()],
  ["newton", newton()],
]

/** z -> M z + c: row i takes of row j what M[i][j] says. */
const mixing = (m: Tensor, c: Tensor) => (z: Tensor) => add(einsum("ij,jk->ik", m, z), c) as Tensor
// the first row has its solution at once, as long as the second stays 0
const m = tensor([
  [0, 0.5],
  [0, 0],
]) as Tensor
const c = tensor([[0], [1]]) as Tensor
const start = zeros([2, 1]) as Tensor

describe.each(solvers)("perRow(%s) on rows that depend on one another", (_, by) => {
  const layer = (v: Tensor) => fixedPoint(mixing(m, v), start, perRow(by))

  it("is refused, and says why and what to do", async () => {
    for (const target of ["interpreter", "wasm", "wasm:f64"] as const) {
      const { message } = left(await compile(layer, { target })(c)())
      expect(message).toMatch(/^fixedPoint: Coupled with residual [\d.e-]+ after \d+ evaluations; a row that had converged no longer did/)
      expect(message).toContain("leave perRow out")
    }
    expect(numbers(fixedPoint(mixing(m, c), start, by)).map((x) => Math.round(x * 1e8) / 1e8)).toEqual([0.5, 1])
  })

  it("hands out no gradient", () => expect(evaluate(grad((v: Tensor) => sum(layer(v)))(c))._tag).toBe("Left"))
})

describe("a row that depends on others", () => {
  it("is told with the residual that it has where the others ended", () => {
    const s = solveFixedPoint(mixing(m, c), start, perRow(picard({ onFailure: "useBest" })))
    const { values } = outcome([s.status, s.residual, sub(mixing(m, c)(s.z), s.z)])
    expect(values[0]).toEqual([COUPLED, 1])
    expect(values[1]).toEqual((values[2] as readonly number[]).map(Math.abs))
  })

  it("is never called converged where it is no solution, whatever the coupling", () =>
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 9, maxLength: 9 }),
        fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 3, maxLength: 3 }),
        fc.constantFrom(...solvers),
        (entries, constants, [, by]) => {
          const f = mixing(
            tensor([0, 1, 2].map((i) => entries.slice(3 * i, 3 * i + 3).map((x) => x / 16))) as Tensor,
            tensor(constants.map((x) => [x])) as Tensor,
          )
          const s = solveFixedPoint(f, zeros([3, 1]) as Tensor, perRow({ ...by, onFailure: "useBest" }))
          const { values } = outcome([s.status, s.residual, sub(f(s.z), s.z), f(s.z)])
          const [status, told, off, value] = values as readonly (readonly number[])[]
          if (!status?.every((code) => code === 1)) return
          told?.forEach((r, i) => {
            expect(Math.abs(off?.[i] as number)).toBeLessThanOrEqual(4e-11 * (1 + Math.abs(value?.[i] as number)))
            expect(r).toBeCloseTo(Math.abs(off?.[i] as number), 12)
          })
        },
      ),
    ))

  it("is nothing that rows of their own are", () => {
    const own = (z: Tensor) => add(mul(z, tensor([[0.5], [0.9]])), c) as Tensor
    expect(outcome([solveFixedPoint(own, start, perRow(picard())).status]).values).toEqual([[1, 1]])
  })
})

describe("laws of a solver that takes rows one by one", () => {
  it.each([
    ["picard", picard()],
    ["anderson", anderson()],
  ] as const)("hold for perRow(%s): each map is a row of its own", async (_, by) => {
    for (const law of laws.solver(perRow(by))) right(await laws.check(law, { runs: 1, seed: 3 })())
  })

  it("still see one that is wrong", async () => {
    const wrong = perRow(picard({ rtol: 1e-3, maxEvaluations: 3 }))
    const finds = laws.solver(wrong).filter(({ name }) => /finds solutions/.test(name))
    expect(finds).toHaveLength(1)
    for (const law of finds) expect((await failure(law)).message).toContain("Exhausted")
  })
})
