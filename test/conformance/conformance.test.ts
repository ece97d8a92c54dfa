/** Every row of the conformance list, by every solver that reaches it: values and derivatives to 1e-10, relative. */
import { describe, expect, it } from "vitest"
import { type Tensor, tensor } from "../../src/core/index.js"
import { anderson, fixedPoint, picard } from "../../src/implicit/index.js"
import { add, mul } from "../../src/ops/index.js"
import { affine } from "../support/contraction.js"
import { numbers, solveOf } from "../support/outcome.js"
import { measure } from "./measure.js"
import { standard } from "./row.js"
import { rows } from "./rows.js"

const TOLERANCE = 1e-10

describe.each(rows.map((row) => [`${row.id}: ${row.what}`, row] as const))("%s", (_, row) => {
  it.each(Object.entries(row.solvers ?? standard))("by %s", (_solver, solver) => {
    const errors = measure(row, solver)
    for (const [what, error] of Object.entries(errors)) expect(error, what).toBeLessThan(TOLERANCE)
  })
})

describe("what the list says of solvers that don't reach a row", () => {
  it("C05: Picard diverges, and the solve is refused", () =>
    expect(
      solveOf(
        fixedPoint((x: Tensor) => add(mul(x, 2), 1) as Tensor, tensor([0]) as Tensor, picard()),
        "fixedPoint",
      ).status,
    ).toBe("Diverged"))

  const [c, s] = [0.5, Math.sqrt(0.75)]
  const turned = affine(
    tensor([
      [c, -s],
      [s, c],
    ]) as Tensor,
    tensor([1 - c + 2 * s, 2 - s - 2 * c]) as Tensor,
  )
  it("C16: Picard never converges on a rotation; Anderson is there after three evaluations and the one that tests it", () => {
    const start = tensor([3, 1]) as Tensor
    expect(solveOf(fixedPoint(turned, start, picard()), "fixedPoint").status).toBe("Stalled")
    const found = fixedPoint(turned, start, anderson({ memory: 2 }))
    expect(solveOf(found, "fixedPoint")).toMatchObject({ status: "Converged", evaluations: 4 })
    numbers(found).forEach((x, i) => void expect(x).toBeCloseTo(i + 1, 13))
  })
})
