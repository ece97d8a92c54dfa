/**
 * `npm test [-- vitest arguments]`: every gate that a change passes, cheapest first, all of them even where one fails.
 * Ends with the line `N passed, N failed`, which is also left in `.tmp/closing-line` for CI; a gate that fails without a failed test counts as one.
 */
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { type Counts, count } from "./vitest-report.js"

const report = ".tmp/vitest.json"

interface Gate {
  readonly name: string
  readonly args: readonly string[]
}

// tstyche takes "no test file" for a failure
const typeTests = readdirSync("test", { recursive: true, encoding: "utf8" }).some((path) => path.endsWith(".tst.ts"))

const gates: readonly Gate[] = [
  { name: "lint", args: [] },
  { name: "check:imports", args: [] },
  { name: "typecheck", args: [] },
  ...(typeTests ? [{ name: "test:types", args: [] }] : []),
]
const tests: Gate = {
  name: "test:unit",
  args: ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...process.argv.slice(2)],
}

const passes = ({ name, args }: Gate): boolean => {
  console.log(`\n# npm run ${name}`)
  return spawnSync("npm", ["run", "--silent", name, "--", ...args], { stdio: "inherit" }).status === 0
}

mkdirSync(".tmp", { recursive: true })
rmSync(report, { force: true })
const failedGates = gates.filter((gate) => !passes(gate)).map((gate) => gate.name)
const testsPass = passes(tests)

const counts: Counts = existsSync(report) ? count(JSON.parse(readFileSync(report, "utf8"))) : { passed: 0, failed: 0, skipped: 0 }
if (!testsPass && counts.failed === 0) failedGates.push(tests.name)

const failed = counts.failed + failedGates.length
const line = `${counts.passed} passed, ${failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ""}`
if (failedGates.length > 0) console.error(`\nfailed: ${failedGates.join(", ")}`)
writeFileSync(".tmp/closing-line", `${line}\n`)
console.log(`\n${line}`)
process.exitCode = failed === 0 && testsPass ? 0 : 1
