/**
 * GMRES where products hardly tell directions apart, in float32. The last bits of such a product make a new direction, whose
 * pre-image is a million times as long as it: six of them, each made of the one before, are out of float32's range.
 */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { compile, type SolveReport, type Tensor, tensor } from "../../src/core/index.js"
import { gmres, linearSolve } from "../../src/implicit/index.js"
import { apply } from "../support/contraction.js"
import { right } from "../support/either.js"

const N = 70
/** Numbers that have nothing to do with one another. */
const draw = (seed: number, i: number) => {
  const x = Math.sin(seed * 12.9898 + i * 78.233) * 43758.5453
  return 2 * (x - Math.floor(x)) - 1
}
/** size * sum of 10^(-decay q) u_q v_q' over q, and `shift` on the diagonal. */
const nearlySingular = (seed: number, decay: number, shift: number) =>
  Array.from({ length: N }, (_, i) =>
    Array.from({ length: N }, (_x, j) => {
      let sum = i === j ? shift : 0
      for (let q = 0; q < 20; q++) sum += (0.03 * 10 ** (-decay * q) * draw(seed, i * N + q) * draw(seed + 7, j * N + q)) / N
      return sum
    }),
  )

const program = compile(
  (m: Tensor, b: Tensor) => linearSolve((x: Tensor) => apply(m, x), b, { solver: gmres(), onFailure: "useBest", name: "system" }),
  { target: "wasm" },
)
const solved = async (m: readonly (readonly number[])[], b: readonly number[]) => {
  const { report } = right(await program.run(tensor(m) as Tensor, tensor(b) as Tensor)())
  return report.solves[0] as SolveReport
}

describe("GMRES in float32 on a nearly singular system", () => {
  it("ends by what it reached: never by an overflow of its own, nor as a solution that solves nothing", async () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 7 }),
        fc.constantFrom(1e-6, 1e-3),
        async (seed, decay, shift) => {
          const b = Array.from({ length: N }, (_, i) => draw(seed + 1, i))
          const { status, residual } = await solved(nearlySingular(seed, decay / 2, shift), b)
          expect(status).not.toBe("NonFinite")
          // a huge x makes every residual small beside it: that is no solution
          if (status === "Converged") expect(residual).toBeLessThan(2.5e-3)
        },
      ),
      { numRuns: 40, seed: 1 },
    ))
})
