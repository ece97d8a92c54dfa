/** `stillpoint check` on modules as users write them. */
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, expect, test } from "vitest"
import { writeLibrary } from "../support/library.js"

const root = fileURLToPath(new URL("../../", import.meta.url))
let folder: string
beforeAll(() => {
  mkdirSync(join(root, ".tmp"), { recursive: true })
  folder = mkdtempSync(join(root, ".tmp", "check-"))
  writeLibrary(folder)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const check = (text: string, ...options: readonly string[]) => {
  const file = join(folder, "module.mjs")
  const imports = `import * as S from "stillpoint"
import * as laws from "stillpoint/laws"
import { normal } from "stillpoint/laws/arbitraries"
`
  writeFileSync(file, imports + text)
  const args = [join(folder, "dist/cli/main.js"), "check", file, "--runs", "5", "--seed", "1", ...options]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", cwd: root })
  return { status, out: stdout, err: stderr }
}

test("laws, solvers and lists are tried; functions and layers are named", () => {
  const { status, out } = check(`
export const loss = (x) => S.mean(S.square(x))
export const layer = { init: () => null, apply: (p, x) => x }
export const checks = [laws.gradient(loss, [normal([3])])].flat()
export const nested = { linear: laws.linear((x) => S.mul(x, 2), [normal([2])]) }
export const solver = S.picard()
`)
  expect(out).toContain("loss: a function; export laws.gradient(loss, [...]) to have it checked")
  expect(out).toContain("layer: a layer; export laws.layer(layer, normal([...])) to have it checked")
  expect(out).toMatch(/^checks: gradient: Taylor: held on 5 inputs, largest error \S+, seed 1$/m)
  expect(out).toMatch(/^nested\.linear: linear: superposition: held on 5 inputs/m)
  expect(out).toMatch(/^solver: solver: honest status: held on 5 inputs/m)
  expect(out).toMatch(/\n\d+ laws held, 0 did not\n$/)
  expect(status).toBe(0)
})

test("a wrong gradient is an exit code of 1 and a counter-example", () => {
  const { status, out } = check(`
export const wrong = laws.gradient((x) => S.sum(S.mul(x, S.stopGradient(x))), [normal([2])])
`)
  expect(out).toMatch(/^wrong: the law "gradient: Taylor" does not hold/m)
  expect(out).toMatch(/again: run it with \{ seed: 1 \}/)
  expect(out).toMatch(/1 did not\n$/)
  expect(status).toBe(1)
})

test.each([
  ["nothing with laws", "export const n = 3", [], /exports nothing that has laws; export laws/],
  ["a module that throws", "throw new Error('no')", [], /can't be imported: no/],
  ["an option that is no number", "", ["--runs", "many"], /--runs: expected a whole number, found "many"/],
] as const)("%s is an exit code of 2", (_, text, options, message) => {
  const { status, err } = check(text, ...options)
  expect(err).toMatch(message)
  expect(status).toBe(2)
})
