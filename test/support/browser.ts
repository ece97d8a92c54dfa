/**
 * Tests on a page: one browser a test file. A machine without Chromium skips the suite and says so; CI fails instead, so that it
 * cannot go unnoticed.
 */
import { existsSync } from "node:fs"
import { afterAll, beforeAll, describe } from "vitest"
import { type BrowserHarness, chromiumPath, type Running, startBrowser } from "./chromium.js"

export type { BrowserHarness } from "./chromium.js"

/** `describe` with a browser: started before the first test and closed after the last. */
export const describeInBrowser = (name: string, body: (browser: BrowserHarness) => void): void => {
  const missing = !existsSync(chromiumPath)
  if (missing && process.env.CI !== "true") {
    describe.skip(`${name} (skipped: no Chromium at ${chromiumPath}; apt-get install chromium, or set CHROMIUM_PATH)`, () =>
      body({ call: () => Promise.reject(new Error("no Chromium")) }))
    return
  }
  describe(name, () => {
    let running: Running | undefined
    beforeAll(async () => {
      if (missing) throw new Error(`no Chromium at ${chromiumPath}: the browser tests cannot run, and CI must not skip them`)
      running = await startBrowser()
    }, 60_000)
    afterAll(async () => {
      await running?.close()
    })
    body({
      call: (entry, fn, ...args) =>
        running === undefined ? Promise.reject(new Error("the browser has not started")) : running.call(entry, fn, ...args),
    })
  })
}
