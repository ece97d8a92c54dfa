import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { expect, test } from "vitest"

test("laws.check works without a test runner", async () => {
  const script = fileURLToPath(new URL("alone.ts", import.meta.url))
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST") && name !== "NODE_OPTIONS"))
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["--import", "tsx", script], { env })
  expect(stderr).toBe("")
  expect(stdout).toMatch(/^gradient: Taylor: held on 10 inputs, largest error \S+, seed 7\n/)
  expect(stdout).toContain('the law "gradient: Taylor" does not hold (input ')
  expect(stdout).toContain("the gradient is wrong in argument [0]\n  again: run it with { seed: 7 }\n")
})
