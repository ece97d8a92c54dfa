/** Threads of the wasm target on a page that is isolated. */
import { expect, it } from "vitest"
import { describeInBrowser } from "../support/browser.js"
import { lossOnThreads } from "../support/browser-threads-entry.js"

const entry = new URL("../support/browser-threads-entry.ts", import.meta.url)

describeInBrowser("threads in Chromium", (browser) => {
  it("give the bits that one thread gives in Node, in session after session", async () => {
    const { values } = await lossOnThreads(1)
    for (const threads of [1, 2, 3, 2]) {
      const found = await browser.call<Awaited<ReturnType<typeof lossOnThreads>>>(entry, "lossOnThreads", threads)
      expect(found.isolated).toBe(true)
      expect(found.values).toEqual(values)
    }
  }, 60_000)
})
