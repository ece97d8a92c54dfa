/** The laws of op records over the whole registry: an op without laws can't be added. */
import * as fc from "fast-check"
import { expect, test } from "vitest"
import "../../src/implicit/index.js"
import { ops } from "../../src/core/index.js"
import * as laws from "../../src/laws/index.js"

/** One input of a solve runs programs of a hundred ops, dozens of times. So does one of `eigh`. */
const solves: readonly string[] = ["linearSolve", "fixedPoint"]
const slow: readonly string[] = [...solves, "eigh"]
/** So does one of a factorisation, though fewer. */
const factorisations: readonly string[] = ["solve", "lu", "cholesky", "qr"]

/** The suite's budget is for one property; here are sixteen or so an op. */
const shareOf = (name: string): number => (slow.includes(name) ? 20 : factorisations.includes(name) ? 8 : 4)
const runsOf = (name: string): number => Math.ceil((fc.readConfigureGlobal().numRuns ?? 100) / shareOf(name))

for (const record of ops().values())
  test(record.name, async () => {
    const reports = await laws.assert(laws.op(record), { runs: runsOf(record.name) })
    expect(reports.map((r) => r.law)).toEqual(laws.op(record).map((l) => l.name))
  })

test("the registry holds the ops of implicit layers too", () => {
  expect([...ops().keys()]).toEqual(expect.arrayContaining([...solves, "add", "conv", "scan", "sort", "threefry"]))
})
