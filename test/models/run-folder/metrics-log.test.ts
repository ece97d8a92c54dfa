import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import * as E from "fp-ts/lib/Either.js"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { type MetricRecord, openMetricsLog, readMetrics } from "../../../src/models/run-folder/index.js"

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stillpoint-metrics-"))
  path = join(folder, "metrics.jsonl")
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const right = <A>(either: E.Either<{ message: string }, A>): A => {
  if (E.isLeft(either)) throw new Error(either.left.message)
  return either.right
}
const open = async (after: number | null) => right(await openMetricsLog(path, after)())
const read = async () => right(await readMetrics(path)())

describe("metrics log", () => {
  test("what is appended is read back, numbers that JSON can't hold too", async () => {
    const log = await open(null)
    const records: MetricRecord[] = [
      { step: 1, loss: 0.1 + 0.2, residual: 1e-300 },
      { step: 2, loss: Number.NaN, up: Number.POSITIVE_INFINITY, down: Number.NEGATIVE_INFINITY, zero: -0 },
      { step: 2, "FG-ARI": 0.5 },
    ]
    for (const record of records) right(log.append(record))
    expect(await read()).toEqual(records)
    right(log.flush())
    log.close()
    log.close()
    expect(log.append({ step: 3 })).toMatchObject({ _tag: "Left", left: { message: expect.stringMatching(/the log is closed/) } })
    expect(readFileSync(path, "utf8").split("\n")[1]).toBe(`{"step":2,"loss":"NaN","up":"Infinity","down":"-Infinity","zero":-0}`)
  })

  test("going on after a checkpoint drops later records and a torn last line", async () => {
    const log = await open(null)
    for (let step = 1; step <= 9; step++) right(log.append({ step, loss: 1 / step }))
    log.close()
    appendFileSync(path, `{"step":10,"lo`)
    const resumed = await open(6)
    expect(resumed.before.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6])
    right(resumed.append({ step: 7, loss: 7 }))
    resumed.close()
    expect((await read()).map(({ step, loss }) => [step, loss]).slice(-2)).toEqual([
      [6, 1 / 6],
      [7, 7],
    ])
    const fresh = await open(null)
    expect(fresh.before).toEqual([])
    fresh.close()
    expect(readFileSync(path, "utf8")).toBe("")
  })

  test("a log that is cut anywhere opens, with every record whose line was whole", async () => {
    const lines = [1, 2, 3].map((step) => `{"step":${step},"loss":0.25}\n`)
    const text = lines.join("")
    for (let cut = 0; cut <= text.length; cut++) {
      writeFileSync(path, text.slice(0, cut))
      const log = await open(1000)
      const whole = lines.filter((_, i) => lines.slice(0, i + 1).join("").length - 1 <= cut).length
      expect(log.before).toHaveLength(whole)
      right(log.append({ step: 9 }))
      log.close()
      expect(await read()).toHaveLength(whole + 1)
    }
    writeFileSync(path, `${text}\0\0\0\0\0`) // what a power cut can leave
    expect(await read()).toHaveLength(3)
  })

  test("any records survive any number of restarts", async () => {
    const record = fc.record({ step: fc.nat({ max: 50 }), loss: fc.double(), ari: fc.double() })
    await fc.assert(
      fc.asyncProperty(fc.array(record, { maxLength: 10 }), fc.nat({ max: 60 }), async (records, after) => {
        const log = await open(null)
        for (const one of records) right(log.append(one))
        log.close()
        for (let i = 0; i < 2; i++) {
          const again = await open(after)
          expect(again.before).toEqual(records.filter(({ step }) => step <= after))
          again.close()
        }
      }),
      { numRuns: 25 },
    )
  })

  test.each([
    ["not JSON", "oops"],
    ["no object", "[1]"],
    ["no step", `{"loss":1}`],
    ["a negative step", `{"step":-1}`],
    ["words", `{"step":1,"loss":"high"}`],
    ["a trap", `{"step":1,"loss":"constructor"}`],
  ])("refuses a middle line with %s, and leaves the file", async (_, line) => {
    const text = `{"step":1}\n${line}\n{"step":2}\n`
    writeFileSync(path, text)
    const result = await openMetricsLog(path, 5)()
    expect(result).toMatchObject({
      _tag: "Left",
      left: { _tag: "DecodeError", message: expect.stringMatching(/metrics\.jsonl: line 2 .*; mend or delete that line/) },
    })
    expect(readFileSync(path, "utf8")).toBe(text)
  })

  test("refuses a record without a step, and a folder that is not there", async () => {
    const log = await open(null)
    expect(log.append({ step: 0.5 })).toMatchObject({
      _tag: "Left",
      left: { message: expect.stringMatching(/"step" must be a natural number, found 0.5/) },
    })
    log.close()
    expect(await openMetricsLog(join(folder, "no", "m.jsonl"), null)()).toMatchObject({ _tag: "Left", left: { _tag: "FileError" } })
  })
})
