import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { Engine } from "../../bench/engines/index.js"
import { open as openStillpoint } from "../../bench/engines/stillpoint/index.js"
import { disagreements, distance } from "../../bench/runner/agree.js"
import { atLeast, lines, measure, overBest, ratio, readOptions, recordOf, writeRecord } from "../../bench/runner/index.js"
import { pick, type Workload } from "../../bench/workloads/index.js"

const workload = pick(["K1.64"])[0] as Workload

/** An engine whose calls take a given time, and whose result is given. */
const fake = (name: string, result: readonly number[], msPerCall: number, disposed: string[] = []): Engine => ({
  name,
  version: "1",
  threads: 1,
  lacks: () => null,
  prepare: async () => ({
    result: async () => ({ numbers: result, firstMs: 2 * msPerCall }),
    run: async (calls) => calls * msPerCall,
    dispose: () => void disposed.push(name),
  }),
  close: async () => undefined,
})

describe("agreement", () => {
  it("is the largest difference as a share of the root mean square", () => {
    expect(distance([3, -3, 3, -3], [3, -3, 3, -2.7])).toBeCloseTo(0.1, 12)
    expect(distance([1, 2], [1, 2])).toBe(0)
    expect(distance([0, 0], [0, 0])).toBe(0)
  })

  it("refuses NaN, infinities and other lengths", () => {
    expect(distance([1, 1], [1, Number.NaN])).toBe(Number.POSITIVE_INFINITY)
    expect(distance([1, 1], [1, Number.POSITIVE_INFINITY])).toBe(Number.POSITIVE_INFINITY)
    expect(distance([1, 1], [1])).toBe(Number.POSITIVE_INFINITY)
  })

  it("compares each result with the first", () => {
    const results = new Map([
      ["a", [1, 1]],
      ["b", [1, 1.00001]],
      ["c", [1, 1.001]],
    ])
    expect(disagreements(workload, results).map(({ engines }) => engines)).toEqual([["a", "c"]])
  })
})

describe("measuring", () => {
  it("times engines that agree, leaves out the others, and disposes of all", async () => {
    const disposed: string[] = []
    const engines = [fake("stillpoint", [1, 2], 2, disposed), fake("slow", [1, 2], 5, disposed), fake("wrong", [1, 3], 1, disposed)]
    const measured = await measure(engines, workload, 3)
    expect(measured.times.map(({ engine, medianMs, firstMs }) => [engine, medianMs, firstMs])).toEqual([
      ["stillpoint", 2, 4],
      ["slow", 5, 10],
    ])
    expect(ratio(measured, "stillpoint", "slow")).toBe(2.5)
    expect(ratio(measured, "stillpoint", "wrong")).toBeNull()
    expect(overBest(measured, "stillpoint", ["slow", "wrong"])).toBe(2.5)
    expect(lines(measured, "stillpoint").join("\n")).toMatch(/wrong DISAGREES with stillpoint/)
    expect(disposed).toEqual(["stillpoint", "slow", "wrong"])
  })

  it("tells why an engine did not run a workload", async () => {
    const failing: Engine = { ...fake("failing", [], 1), prepare: () => Promise.reject(new Error("no memory\nat line 1")) }
    const unable: Engine = { ...fake("unable", [], 1), lacks: () => "no loops" }
    const { left, times } = await measure([failing, unable], workload, 1)
    expect(left).toEqual([
      { engine: "failing", why: "no memory" },
      { engine: "unable", why: "no loops" },
    ])
    expect(times).toEqual([])
  })

  it("holds a missing figure against its bound", () => {
    expect(atLeast("x", 1.2, 1.1).holds).toBe(true)
    expect(atLeast("x", 1, 1.1).holds).toBe(false)
    expect(atLeast("x", null, 0).holds).toBe(false)
  })

  it("runs Stillpoint: a product, and a training step whose loss falls", async () => {
    const engine = await openStillpoint({ threads: 1 })
    if (typeof engine === "string") throw new Error(engine)
    const [training] = pick(["T5.oneStep.1"])
    const prepared = await engine.prepare(training as Workload)
    const { numbers } = await prepared.result()
    expect(numbers).toHaveLength(4)
    expect(numbers[3]).toBeLessThan(numbers[0] as number)
    const { times, left } = await measure([engine], workload, 1)
    expect(left).toEqual([])
    expect(times).toHaveLength(1)
    await engine.close()
  })
})

describe("options", () => {
  it("are read, with defaults", () => {
    expect(readOptions(["--only", "K1,T2", "--engines", "stillpoint,torch", "--rounds", "3"])).toEqual({
      only: ["K1", "T2"],
      engines: ["stillpoint", "torch"],
      threads: 1,
      rounds: 3,
      json: null,
    })
  })

  it.each([
    [["--rouns", "3"], "--rouns"],
    [["--rounds", "0"], "--rounds"],
    [["--engines", "stilpoint"], "stilpoint"],
    [["--json"], "wants a value"],
  ])("%j are refused", (args, told) => {
    expect(() => readOptions(args)).toThrow(told)
  })
})

describe("the record", () => {
  let folder = ""
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "stillpoint-bench-"))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it("has the machine, the versions, the date and the figures", async () => {
    const engine = fake("stillpoint", [1], 2)
    const measured = await measure([engine], workload, 3)
    const record = recordOf(readOptions(["--rounds", "3"]), [engine], [measured], new Date(0))
    const file = join(folder, "record.json")
    writeRecord(file, record)
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
      date: "1970-01-01T00:00:00.000Z",
      machine: { node: process.version },
      engines: [{ name: "stillpoint", version: "1", threads: 1 }],
      workloads: [{ id: "K1.64", times: [{ engine: "stillpoint", medianMs: 2, gflops: (2 * 64 ** 3) / 2 / 1e6 }] }],
    })
    expect(readdirSync(folder)).toEqual(["record.json"])
  })

  it("leaves the old one, and no half of a new one, where it fails", () => {
    const file = join(folder, "record.json")
    writeFileSync(file, "old")
    const cyclic: { self?: unknown } = {}
    cyclic.self = cyclic
    expect(() => writeRecord(file, cyclic)).toThrow()
    expect(readFileSync(file, "utf8")).toBe("old")
    const blocked = join(folder, "folder")
    mkdirSync(join(blocked, "inner"), { recursive: true })
    expect(() => writeRecord(blocked, {})).toThrow()
    expect(readdirSync(folder).sort()).toEqual(["folder", "record.json"])
  })
})
