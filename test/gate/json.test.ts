/** A graph through JSON is the same graph: it gives the same bits, solves and statuses included. */
import { describe, expect, it } from "vitest"
import {
  closeExpression,
  decodeGraph,
  encodeGraph,
  type Graph,
  grad,
  harvestGraph,
  printGraph,
  type Tensor,
  toArray,
} from "../../src/core/index.js"
import { runGraph } from "../../src/core/targets/interpreter/index.js"
import { anderson, broyden, exact, gmres, newton, oneStep, picard, type Solver, truncated, unrolled } from "../../src/implicit/index.js"
import { hessian } from "../../src/ops/index.js"
import { right } from "../support/either.js"
import { loss, p0 } from "./program.js"

const run = (graph: Graph, captured: readonly Tensor[]) =>
  runGraph(
    harvestGraph(graph).graph,
    captured.map((t) => toArray(t)),
    { cancelled: false },
  ).map((x) => [...x])

const solvers: readonly (readonly [string, Solver])[] = [
  ["newton", newton()],
  ["anderson, gmres, named, useBest", anderson({ adjoint: exact(gmres({ memory: 2 })), name: "layer", onFailure: "useBest" })],
  ["broyden, one step", broyden({ adjoint: oneStep, rtol: 1e-8 })],
  ["unrolled", picard({ adjoint: unrolled(5) })],
  ["truncated", picard({ adjoint: truncated(5, 2) })],
]

describe.each(solvers)("through JSON, with %s", (_, solver) => {
  const gradient = grad(loss(solver))(p0) as Tensor
  const { graph, captured } = closeExpression([gradient])
  const back = right(decodeGraph(JSON.parse(JSON.stringify(encodeGraph(graph)))))

  it("the gate's gradient gives the same bits", () =>
    expect(run(back, captured as readonly Tensor[])).toEqual(run(graph, captured as readonly Tensor[])))

  it("it prints and encodes the same", () => {
    expect(printGraph(back)).toBe(printGraph(graph))
    expect(JSON.stringify(encodeGraph(back))).toBe(JSON.stringify(encodeGraph(graph)))
  })
})

describe("through JSON", () => {
  it("the gate's Hessian gives the same bits", () => {
    const { graph, captured } = closeExpression([hessian(loss(newton()))(p0)])
    const back = right(decodeGraph(JSON.parse(JSON.stringify(encodeGraph(graph)))))
    expect(run(back, captured as readonly Tensor[])).toEqual(run(graph, captured as readonly Tensor[]))
  })
})
