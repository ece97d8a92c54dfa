/** Random kernels on the modes that run in Node, against the float64 definition of a schedule. */
import * as fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type GpuMode, type GpuOptions, type GpuSession, openGpu, tightest } from "../../../src/core/targets/gpu/index.js"
import { byDefinition, right, runInSession } from "../../support/gpu-driver.js"
import { difference, nestJob } from "../../support/gpu-nests.js"

const modes: readonly { readonly name: string; readonly mode: GpuMode; readonly options: GpuOptions }[] = [
  { name: "gpu:cpu", mode: "cpu", options: {} },
  { name: "gpu:cpu with the tightest table", mode: "cpu", options: { capabilities: tightest } },
  { name: "gpu:webasm", mode: "webasm", options: {} },
]

for (const { name, mode, options } of modes) {
  describe(name, () => {
    let session: GpuSession
    beforeAll(async () => {
      session = right(await openGpu(mode, options)())
    })
    afterAll(() => session.close())

    it("computes a random nest as it is defined", async () => {
      await fc.assert(
        fc.asyncProperty(nestJob, async (job) => {
          const outcome = await runInSession(session, job)
          expect(outcome.error).toBeNull()
          const [wanted] = byDefinition(job)
          expect(difference(outcome.outputs[0] ?? [], wanted ?? [])).toBeNull()
          expect(outcome.bytesLeft).toBe(0)
        }),
      )
    })
  })
}
