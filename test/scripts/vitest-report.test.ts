import { expect, test } from "vitest"
import { count } from "../../scripts/vitest-report.js"

const report = {
  numPassedTests: 3,
  numFailedTests: 1,
  numPendingTests: 1,
  numTodoTests: 1,
  testResults: [
    { status: "passed", assertionResults: [{ status: "passed" }, { status: "pending" }] },
    { status: "failed", assertionResults: [{ status: "passed" }, { status: "failed" }] },
  ],
}

test("counts passed, failed and skipped tests", () => {
  expect(count(report)).toEqual({ passed: 3, failed: 1, skipped: 2 })
})

test("a file that cannot be loaded counts as one failure", () => {
  expect(count({ ...report, testResults: [...report.testResults, { status: "failed", assertionResults: [] }] }).failed).toBe(2)
})
