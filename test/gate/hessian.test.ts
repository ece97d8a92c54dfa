/** Second derivatives through vmap, scan, checkpoint, cond and a solve. */
import { describe, expect, it } from "vitest"
import { compile, grad, jvp, type Tensor, toArray } from "../../src/core/index.js"
import { anderson, exact, gmres, neumannIteration, newton, picard, unrolled } from "../../src/implicit/index.js"
import { dot, eye, hessian, indexAxis, vmap } from "../../src/ops/index.js"
import { right } from "../support/either.js"
import { numbers, outcome, relativeError } from "../support/outcome.js"
import { loss, p0 } from "./program.js"

const tight = { atol: 1e-14, rtol: 1e-14, maxEvaluations: 1000 }
const implicit = loss(newton(tight))
const size = 5

const forwardOverReverse = numbers(hessian(implicit)(p0))

describe("the Hessian of the gate's program", () => {
  it("agrees with that of the unrolled loops to 1e-8", () => {
    const unrolling = numbers(hessian(loss(picard({ adjoint: unrolled(64) })))(p0))
    expect(relativeError(unrolling, forwardOverReverse)).toBeLessThan(1e-8)
  })

  it("has solves in it, some rows at a time", () => {
    const { solves } = outcome(hessian(implicit)(p0))
    expect(solves.map((s) => [s.site, s.status])).toEqual([
      ["fixedPoint", "Converged"],
      ["fixedPoint'", "Converged"],
    ])
  })

  it("is symmetric", () => {
    const transposed = Array.from({ length: size * size }, (_, k) => forwardOverReverse[(k % size) * size + Math.floor(k / size)] as number)
    expect(relativeError(forwardOverReverse, transposed)).toBeLessThan(1e-12)
  })

  it("forward over reverse = reverse over forward", () => {
    const found = Array.from({ length: size }, (_, i) =>
      numbers(grad((p: Tensor) => jvp(implicit, [p], [indexAxis(eye(size), 0, i) as Tensor])[1])(p0)),
    )
    expect(relativeError(forwardOverReverse, found.flat())).toBeLessThan(1e-12)
  })

  it("forward over reverse = reverse over reverse", () => {
    const along = (e: Tensor) => grad((p: Tensor) => dot(grad(implicit)(p) as Tensor<[2]>, e as Tensor<[2]>))(p0) as Tensor
    const found = Array.from({ length: size }, (_, i) => numbers(along(indexAxis(eye(size), 0, i) as Tensor)))
    expect(relativeError(forwardOverReverse, found.flat())).toBeLessThan(1e-12)
    expect(numbers(vmap(along)(eye(size) as Tensor))).toEqual(found.flat())
  })

  it.each([
    ["anderson and gmres", anderson({ ...tight, adjoint: exact(gmres({ rtol: 1e-14 })) })],
    ["picard and the Neumann iteration", picard({ ...tight, adjoint: exact(neumannIteration({ rtol: 1e-14, maxEvaluations: 1000 })) })],
  ] as const)("does not depend on the solver: %s", (_, solver) =>
    expect(relativeError(forwardOverReverse, numbers(hessian(loss(solver))(p0)))).toBeLessThan(1e-11),
  )

  it("is the same compiled to wasm in float64, statuses too", async () => {
    const { value, report } = right(await compile(hessian(implicit), { target: "wasm:f64" }).run(p0)())
    expect(relativeError(forwardOverReverse, [...toArray(value)])).toBeLessThan(1e-11)
    expect(report.solves.map((s) => s.status)).toEqual(["Converged", "Converged"])
  })

  it("comes through the protection of useBest unchanged", () =>
    expect(relativeError(forwardOverReverse, numbers(hessian(loss(newton({ ...tight, onFailure: "useBest" })))(p0)))).toBeLessThan(1e-13))
})
