/** Whole runs of SLATE: what they write, going on bit for bit, and a user's own pictures. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { encode } from "fast-png"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { decodeConfig, type Setting } from "../../../src/models/config/index.js"
import { progressWriter } from "../../../src/models/progress/index.js"
import { type RunRequest, type RunResult, run } from "../../../src/models/runs/index.js"
import { left, right } from "../../support/either.js"
import { tinySlate } from "../training/tiny-slate.js"

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "stillpoint-slate-"))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const tiny: readonly Setting[] = Object.entries({
  ...tinySlate,
  family: "slate",
  steps: 4,
  "training.checkpointEvery": 2,
  "training.evaluateEvery": 4,
}).map(([name, value]) => ({ name, value }))

const asked = (name: string, settings: readonly Setting[] = [], more: Partial<RunRequest> = {}): RunRequest => ({
  name,
  root,
  resume: false,
  configure: (stored) => decodeConfig(stored ?? {}, stored === null ? [...tiny, ...settings] : []),
  progress: progressWriter({ stream: { write: () => true } }),
  interrupted: () => false,
  ...more,
})

const file = (name: string, of: string) => readFileSync(join(root, name, of))
const lines = (name: string) =>
  file(name, "metrics.jsonl")
    .toString()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
const finished = (result: RunResult) => {
  if (result._tag !== "finished") throw new Error(`interrupted at ${result.step}`)
  return result.summary
}

describe("a run of SLATE", () => {
  test("tells both losses, the residual and the Jacobian, and ends with a page; stopped and taken up it has the same files", async () => {
    const summary = finished(right(await run(asked("a"))()))
    const last = lines("a").at(-1)
    expect(Object.keys(last)).toEqual(
      expect.arrayContaining([
        "loss",
        "crossEntropy",
        "squaredError",
        "residual",
        "gradientNorm",
        "heldOut.crossEntropy",
        "heldOut.bottleneckError",
        "spectralRadius",
        "jacobianNorm",
      ]),
    )
    for (const { loss, crossEntropy, squaredError } of lines("a")) expect(loss).toBeCloseTo(crossEntropy + squaredError, 2)
    expect(summary.trained.view.pictures["from its own words"]?.length).toBe(3 * 16 * 16 * 3)
    const page = file("a", "report.html").toString()
    expect(page).toMatch(/SLATE on sprites: a[\s\S]*cross-entropy[\s\S]*from its own words/)
    let steps = 0
    const stopped = right(await run(asked("b", [], { interrupted: () => ++steps >= 3 }))())
    expect(stopped).toMatchObject({ _tag: "interrupted", step: 3 })
    finished(right(await run(asked("b", [], { resume: true }))()))
    for (const of of ["checkpoint.safetensors", "metrics.jsonl"]) expect(file("b", of).equals(file("a", of))).toBe(true)
  })

  test("the variants differ by one value", async () => {
    for (const adjoint of ["unrolled", "exact"])
      finished(
        right(
          await run(
            asked(adjoint, [
              { name: "model.adjoint", value: adjoint },
              { name: "steps", value: 1 },
            ]),
          )(),
        ),
      )
    expect(lines("unrolled")[0].loss).toBe(lines("exact")[0].loss)
    expect(lines("unrolled")[0].gradientNorm).not.toBe(lines("exact")[0].gradientNorm)
  })
})

describe("a folder of one's own pictures", () => {
  const picture = (name: string, width: number, height: number, channels: number, depth: 8 | 16 = 8): void => {
    const values = Array.from({ length: width * height * channels }, (_, i) =>
      (channels === 2 || channels === 4) && i % channels === channels - 1 ? 2 ** depth - 1 : (i * 37) % 2 ** depth,
    )
    const data = depth === 8 ? Uint8Array.from(values) : Uint16Array.from(values)
    writeFileSync(join(root, "mine", name), encode({ width, height, data, channels, depth }))
  }
  const own: readonly Setting[] = [
    { name: "data.source", value: "files" },
    { name: "data.path", value: "" },
  ]
  const mine = () => own.map((s) => (s.name === "data.path" ? { ...s, value: join(root, "mine") } : s))

  test("of mixed sizes and colour types is trained on", async () => {
    mkdirSync(join(root, "mine"))
    picture("a.png", 16, 16, 3)
    picture("b.png", 40, 24, 4)
    picture("c.png", 9, 33, 1)
    picture("d.png", 17, 64, 2)
    picture("e.png", 20, 20, 3, 16)
    const summary = finished(right(await run(asked("a", mine()))()))
    expect([summary.step, summary.scenes.masks]).toEqual([4, null])
    expect(lines("a").every(({ loss }) => Number.isFinite(loss))).toBe(true)
    expect(file("a", "report.html").toString()).toMatch(/SLATE on .*mine: a/)
  })

  test("with a file that is no picture, or that can be seen through, is refused: the file is named, and there is no run", async () => {
    mkdirSync(join(root, "mine"))
    picture("a.png", 16, 16, 3)
    writeFileSync(join(root, "mine", "b.png"), "no picture")
    const { message } = left(await run(asked("a", mine()))())
    expect(message).toMatch(/b\.png/)
    writeFileSync(join(root, "mine", "b.png"), encode({ width: 4, height: 4, channels: 4, depth: 8, data: new Uint8Array(64).fill(99) }))
    expect(left(await run(asked("a", mine()))()).message).toMatch(/b\.png: .*transparen/)
    rmSync(join(root, "mine"), { recursive: true })
    mkdirSync(join(root, "mine"))
    expect(left(await run(asked("a", mine()))()).message).toMatch(/mine/)
    expect(existsSync(join(root, "a"))).toBe(false)
  })
})
