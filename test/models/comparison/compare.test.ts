/** Variants side by side: the same runs as alone, however often they are stopped; failures are told and the others go on. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import {
  type CompareRequest,
  compareRuns,
  comparisonTable,
  entrants,
  isComparison,
  largestOf,
} from "../../../src/models/comparison/index.js"
import type { Setting } from "../../../src/models/config/index.js"
import { progressWriter } from "../../../src/models/progress/index.js"
import { run } from "../../../src/models/runs/index.js"
import { left, right } from "../../support/either.js"
import { request, tinySettings } from "../training/tiny.js"

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "stillpoint-compare-"))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const asked = (more: Partial<CompareRequest> = {}): CompareRequest => ({
  name: "c",
  root,
  resume: false,
  entrants: right(entrants(["unrolled", "oneStep"], [0, 1])),
  settings: [...tinySettings, { name: "steps", value: 4 }],
  stretch: 2,
  progress: progressWriter({ stream: { write: () => true } }),
  interrupted: () => false,
  ...more,
})

const metrics = (...path: readonly string[]) => readFileSync(join(root, ...path, "metrics.jsonl"))

describe("a comparison", () => {
  test("gives every entrant the run that it has alone, and draws all", async () => {
    const ended = right(await compareRuns(asked())())
    if (ended._tag !== "finished") throw new Error("interrupted")
    expect(ended.outcomes.map(({ entrant }) => entrant.folder)).toEqual([
      "unrolled-seed-0",
      "unrolled-seed-1",
      "oneStep-seed-0",
      "oneStep-seed-1",
    ])
    expect(ended.outcomes.every(({ summary, failure, secondsAStep }) => summary?.step === 4 && failure === null && secondsAStep > 0)).toBe(
      true,
    )
    const settings: readonly Setting[] = [
      { name: "model.adjoint", value: "unrolled" },
      { name: "seed", value: 1 },
      { name: "steps", value: 4 },
    ]
    right(await run(request(root, "alone", { settings }))())
    expect(metrics("c", "unrolled-seed-1").equals(metrics("alone"))).toBe(true)
    const page = readFileSync(join(root, "c", "report.html"), "utf8")
    expect(page).toMatch(/loss, seed 0[\s\S]*loss, seed 1[\s\S]*gradientNorm, seed 0/)
    expect(page).toMatch(/seconds/)
    const { rows, columns } = comparisonTable(ended.outcomes)
    expect(rows.map(({ name }) => name)).toContain("oneStep, seed 1")
    expect(columns.map(({ name }) => name)).toContain("fgAri")
  })

  test("stopped and taken up again it ends with the same files", async () => {
    const two = { entrants: right(entrants(["unrolled", "oneStep"], [0])) }
    right(await compareRuns(asked(two))())
    let [count, marked] = [0, 0]
    const interrupted = () => {
      if (isComparison(join(root, "d"))) marked++
      return ++count > 6
    }
    const stopped = right(await compareRuns(asked({ ...two, name: "d", interrupted }))())
    if (stopped._tag !== "interrupted") throw new Error("finished")
    expect(marked).toBe(7)
    expect(stopped.reached.map(({ entrant, step, steps }) => [entrant.folder, step, steps])).toEqual([
      ["unrolled-seed-0", 4, 4],
      ["oneStep-seed-0", 3, 4],
    ])
    expect(left(await compareRuns(asked({ ...two, name: "d" }))()).message).toMatch(
      /holds a comparison already; go on with --resume --name d/,
    )
    let said = ""
    const progress = progressWriter({ stream: { write: (text) => (said += text) }, logEvery: 0 })
    right(await compareRuns(asked({ ...two, name: "d", resume: true, progress }))())
    expect(said).toMatch(/^unrolled-seed-0: at step 4 of 4\nstep 8\/8 100%.*\noneStep-seed-0: at step 4 of 4\n/)
    for (const { folder } of two.entrants) expect(metrics("d", folder).equals(metrics("c", folder))).toBe(true)
  })

  test("a failure that is not one of training ends it, and what was drawn before stays", async () => {
    const one = { entrants: right(entrants(["unrolled", "oneStep"], [0])) }
    let count = 0
    right(await compareRuns(asked({ ...one, interrupted: () => ++count > 5 }))())
    const page = readFileSync(join(root, "c", "report.html"))
    const other = asked({ ...one, resume: true, settings: [...asked().settings, { name: "model.slots", value: 3 }] })
    expect(left(await compareRuns(other)()).message).toMatch(/config\.model\.slots is 3, but .* was made with 4/)
    expect(readFileSync(join(root, "c", "report.html")).equals(page)).toBe(true)
  })

  test("takes only an empty folder, marks it before anything is trained, and goes on with none but a comparison", async () => {
    mkdirSync(join(root, "run"))
    writeFileSync(join(root, "run", "checkpoint.safetensors"), "")
    const refused = async (more: Partial<CompareRequest>) => left(await compareRuns(asked(more))()).message
    expect(await refused({ name: "run" })).toMatch(/run holds checkpoint\.safetensors, which is not of a comparison; choose another --name/)
    expect(await refused({ name: "run", resume: true })).toMatch(/run holds no comparison to go on with; leave out --resume/)
    expect(readdirSync(join(root, "run")).filter((name) => !name.startsWith("."))).toEqual(["checkpoint.safetensors"])
    expect(await refused({ settings: [...asked().settings, { name: "target", value: "gpu:webgl2" }] })).toMatch(/gpu:webgl2/)
    expect(await refused({})).toMatch(/c holds a comparison already; go on with --resume --name c/)
  })

  test("a variant that fails is told, and the others go on", async () => {
    const ended = right(await compareRuns(asked({ entrants: right(entrants(["model.onFailure=reject", "oneStep"], [0])) }))())
    if (ended._tag !== "finished") throw new Error("interrupted")
    const [rejected, fine] = ended.outcomes
    expect(rejected?.failure).toMatch(/slots: Exhausted/)
    expect(fine?.summary?.step).toBe(4)
    expect(readFileSync(join(root, "c", "report.html"), "utf8")).toMatch(/model\.onFailure=reject, seed 0 ended early: slots: Exhausted/)
  })
})

describe("entrants", () => {
  test.each([
    [["oneStep"], [0], /--variants: expected at least two/],
    [["oneStep", "exakt"], [0], /found "exakt"; did you mean exact\?/],
    [["oneStep", "oneStep"], [0], /"oneStep" is there twice/],
    [["oneStep", "exact"], [1, 1], /"1" is there twice/],
    [["oneStep", "model.slot=3"], [0], /did you mean "model\.slots"\?/],
    [["oneStep+exakt", "exact"], [0], /found "exakt"; did you mean exact\?/],
    [["seed=5", "oneStep+seed=6"], [0], /--variants: "seed=5" sets the seed, .* each seed of --seeds/],
  ])("%j with seeds %j are refused", (variants, seeds, message) => {
    expect(left(entrants(variants, seeds)).message).toMatch(message)
  })

  test("settings of any value are variants", () => {
    const [first] = right(entrants(["model.iterations=3+exact", "oneStep"], [7]))
    expect(first).toEqual({
      contender: {
        name: "model.iterations=3+exact",
        settings: [
          { name: "model.iterations", value: 3 },
          { name: "model.adjoint", value: "exact" },
        ],
      },
      seed: 7,
      folder: "model.iterations-3-exact-fee7a29c-seed-7",
    })
  })

  test("have folders of their own, that follow from variant and seed alone", () => {
    const long = `data.path=${"a".repeat(60)}`
    const texts = ["data.path=a/b", "data.path=a,b", `${long}1`, `${long}2`, "oneStep"]
    const folders = right(entrants(texts, [0, 1])).map(({ folder }) => folder)
    expect(new Set(folders).size).toBe(10)
    expect(folders.every((folder) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(folder))).toBe(true)
    expect(folders.at(-1)).toBe("oneStep-seed-1")
    expect(right(entrants([...texts].reverse(), [1])).map(({ folder }) => folder)).toEqual(folders.filter((_, i) => i % 2 === 1).reverse())
  })
})

test("the largest value is that after the first steps, and NaN is the largest of all", () => {
  const of = (values: readonly number[]) => values.map((gradientNorm, step) => ({ step, gradientNorm }))
  expect(largestOf(of([9, 1, 3, 2]), "gradientNorm", 0)).toBe(3)
  expect(largestOf(of([9, 1, Number.NaN, 2]), "gradientNorm", 0)).toBeNaN()
  expect(largestOf(of([9]), "gradientNorm", 0)).toBeNull()
})
