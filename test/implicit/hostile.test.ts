/** Hostile problems by every solver and adjoint on three targets (evidence/hostile): what is handed out is as claimed, or it is refused. */
import { describe, expect, it } from "vitest"
import { hunt } from "../../evidence/hostile/hunt.js"
import { judgeResults } from "../../evidence/hostile/judge.js"
import { planOf } from "../../evidence/hostile/plan.js"
import { drawNumbers, limits } from "../../evidence/hostile/problem.js"
import { numbersOf, programOf, type Results, tensorsOf } from "../../evidence/hostile/program.js"
import { randomOf } from "../../evidence/hostile/random.js"
import { type Tensor, tensor } from "../../src/core/index.js"
import { right } from "../support/either.js"

describe("hostile problems", () => {
  it("200 of them: no silent error", async () => {
    const faults: string[] = []
    let answered = 0
    for await (const { number, plan, finding } of hunt(1, 0, 200)) {
      if (finding.t === "fault") faults.push(`case ${number} (${plan.told}): ${finding.why}`)
      if (finding.t === "answered") answered += finding.converged
    }
    expect(faults).toEqual([])
    expect(answered).toBeGreaterThan(20)
  })

  it("an empty batch is answered, with no rows", async () => {
    const plan = { ...planOf(1, 0), shape: { batching: "vmap", rows: 0, n: 2 } } as const
    const program = programOf(plan)
    const p = drawNumbers(randomOf(1, 0, 2), plan.shape, limits.float64)
    const { value, report } = right(await program.run(tensorsOf(plan.shape, p))())
    expect(value.z.shape).toEqual([0, 2])
    expect(report.solves.map(({ status, residual, evaluations }) => [status, residual, evaluations])).toContainEqual(["NotRun", 0, 0])
    expect(report.solves.every(({ status }) => status === "NotRun")).toBe(true)
    program.dispose()
  })
})

describe("the judge finds", () => {
  // the first case of the seed that is answered with a row that converged and an adjoint state
  const answered = async () => {
    for (let number = 0; ; number++) {
      const plan = planOf(1, number)
      if (plan.adjoint._tag !== "exact" || plan.solver.onFailure !== "reject" || plan.shape.n === 0) continue
      const program = programOf(plan)
      const p = drawNumbers(randomOf(1, number * 40, 2), plan.shape, limits.float64)
      const outcome = await program.run(tensorsOf(plan.shape, p))()
      program.dispose()
      if (outcome._tag === "Left") continue
      const { value, report } = outcome.right
      const finding = judgeResults(plan, p, value, report.solves)
      if (finding.t === "answered" && finding.adjoints > 0) return { plan, p, value, solves: report.solves }
    }
  }
  const changed = (t: Tensor, by: (x: number) => number): Tensor => tensor(numbersOf(t).map(by), t.shape) as Tensor
  const lies: Readonly<Record<string, (r: Results) => Results>> = {
    "a solution that is moved": (r) => ({ ...r, z: changed(r.z, (x) => x * 1.001 + 1e-3) }),
    "a residual that is none": (r) => ({ ...r, residual: changed(r.residual, (x) => x + 1) }),
    "a status that is not true": (r) => ({ ...r, status: changed(r.status, () => 2) }),
    "a value that is not finite": (r) => ({ ...r, y: changed(r.y, () => Number.NaN) }),
    "an adjoint state that is off": (r) => ({ ...r, gradient: { ...r.gradient, d: changed(r.gradient.d, (x) => x * 1.01) } }),
    "a gradient to the start": (r) => ({ ...r, gradient: { ...r.gradient, start: changed(r.gradient.start, () => 1e-9) } }),
  }
  it.each(Object.entries(lies))("%s", async (_, lie) => {
    const { plan, p, value, solves } = await answered()
    expect(judgeResults(plan, p, lie(value), solves).t).toBe("fault")
  })
})
