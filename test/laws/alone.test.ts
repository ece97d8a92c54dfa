import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { expect, test } from "vitest"

const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST") && name !== "NODE_OPTIONS" && name !== "NODE_TEST_CONTEXT"),
)
const run = (name: string, ...options: readonly string[]) =>
  promisify(execFile)(process.execPath, ["--import", "tsx", ...options, fileURLToPath(new URL(name, import.meta.url))], { env })

test("laws.check works without a test runner", async () => {
  const { stdout, stderr } = await run("alone.ts")
  expect(stderr).toBe("")
  expect(stdout).toMatch(/^gradient: Taylor: held on 10 inputs, largest error \S+, seed 7\n/)
  expect(stdout).toContain('the law "gradient: Taylor" does not hold (input ')
  expect(stdout).toContain(
    "the gradient is wrong in argument [0]\n  rules: every equation's own rules hold at this input, and a stopGradient",
  )
  expect(stdout).toMatch(/\n {9}at \S*alone\.ts:\d+:\d+\n[\s\S]*\n {2}again: run it with \{ seed: 7 \}\n/)
  expect(stdout).toMatch(/\nthe customJvp rule of half is wrong: \(float\[3\]\) -> float\[3\]\nat \S*alone\.ts:\d+:\d+\n/)
})

test("and in node:test, where the failure's message names the rule", async () => {
  const { stdout } = await run("node-test.ts", "--test-reporter=tap", "--test").catch(
    (e: { readonly code: number; readonly stdout: string }) => {
      expect(e.code).toBe(1)
      return e
    },
  )
  expect(stdout).toMatch(/^ok 1 - right$/m)
  expect(stdout).toMatch(/^not ok 2 - wrong$/m)
  expect(stdout).toMatch(/the customVjp rule of flipped is wrong: [\s\S]*at \S*node-test\.ts:\d+:\d+/)
})
