/** The modes of gpu.js in Chromium, webgl2 and webgpu among them. */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { GpuMode } from "../../src/core/targets/gpu/index.js"
import { type BrowserHarness, describeInBrowser } from "../support/browser.js"
import { describeMode } from "../support/gpu-contract.js"
import { byDefinition, type Driver, type Outcome } from "../support/gpu-driver.js"
import { difference, nestJob } from "../support/gpu-nests.js"

const entry = new URL("../support/browser-gpu-entry.ts", import.meta.url)

const pageDriver =
  (browser: BrowserHarness, mode: GpuMode): Driver =>
  (jobs) =>
    browser.call<readonly Outcome[]>(entry, "runJobs", mode, {}, jobs)

/** Kernels are compiled by a software driver: a sample of random nests at a time, in one call. */
const sampleSize = 60

describeInBrowser("gpu.js in Chromium", (browser) => {
  for (const mode of ["webgl2", "webgpu", "webasm", "cpu"] as const) {
    describe(`gpu:${mode}`, () => {
      const run = pageDriver(browser, mode)
      describeMode(mode, run)

      it("computes random nests as they are defined", async () => {
        const jobs = fc.sample(nestJob, sampleSize)
        const outcomes = await run(jobs)
        jobs.forEach((job, k) => {
          const fault = outcomes[k]?.error?.message ?? difference(outcomes[k]?.outputs[0] ?? [], byDefinition(job)[0] ?? [])
          expect(fault, JSON.stringify(job)).toBeNull()
        })
        expect(outcomes.at(-1)?.bytesLeft).toBe(0)
      })
    })
  }
})
