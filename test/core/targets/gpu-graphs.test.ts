/** Random programs, from graph to result, on the modes that run in Node, against the interpreter. */
import * as fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { apply1, closeBody, inputTypes, physicalShape, type TensorType } from "../../../src/core/index.js"
import { type GpuSession, openGpu, tightest } from "../../../src/core/targets/gpu/index.js"
import { runGraph } from "../../../src/core/targets/interpreter/index.js"
import { scatterAddOp } from "../../../src/ops/gather.js"
import { right, runLoaded } from "../../support/gpu-driver.js"
import { difference } from "../../support/gpu-nests.js"
import { randomProgram } from "../../support/random-graph.js"

describe.each([
  { name: "gpu:cpu with the tightest table", mode: "cpu", options: { capabilities: tightest } },
  { name: "gpu:webasm", mode: "webasm", options: {} },
] as const)("$name", ({ mode, options }) => {
  let session: GpuSession
  beforeAll(async () => {
    session = right(await openGpu(mode, options)())
  })
  afterAll(() => session.close())

  it("computes a random program as the interpreter does", async () => {
    await fc.assert(
      fc.asyncProperty(randomProgram, async ({ graph, inputs }) => {
        const types = inputTypes(graph).map((type) => ({ elem: type.elem, shape: physicalShape(type) }))
        const outcome = await runLoaded(
          session,
          session.load(graph),
          types.map((type, k) => ({ type, data: inputs[k] ?? [] })),
        )
        expect(outcome.error).toBeNull()
        // what a program amplifies of float32's rounding is its own affair
        runGraph(graph, inputs, { cancelled: false }).forEach((wanted, k) => {
          expect(difference(outcome.outputs[k] ?? [], wanted, 1e-3)).toBeNull()
        })
        expect(outcome.bytesLeft).toBe(0)
      }),
    )
  })

  it("adds one update at one index: a sum over no axes", async () => {
    const types: readonly TensorType[] = [
      { elem: "float", shape: [2] },
      { elem: "int", shape: [] },
    ]
    const { graph } = closeBody("test", types, (args) => [apply1(scatterAddOp, { shared: 0, size: 3 }, args)])
    const inputs = types.map((type, k) => ({ type, data: k === 0 ? [1.5, -2] : [1] }))
    const outcome = await runLoaded(session, session.load(graph), inputs)
    expect(outcome.error).toBeNull()
    expect(outcome.outputs).toEqual([[0, 0, 1.5, -2, 0, 0]])
  })
})
