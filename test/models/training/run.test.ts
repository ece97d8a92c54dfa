/** Whole runs in their folders: what they write, going on bit for bit, and what is refused with nothing lost. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { saveCheckpoint } from "../../../src/models/checkpoint/index.js"
import { openRunFolder } from "../../../src/models/run-folder/index.js"
import { load, type RunResult, run } from "../../../src/models/runs/index.js"
import { left, right } from "../../support/either.js"
import { request } from "./tiny.js"

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "stillpoint-train-"))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const file = (name: string, of: string) => readFileSync(join(root, name, of))
const checkpoint = (name: string) => join(root, name, "checkpoint.safetensors")
const metrics = (name: string) =>
  file(name, "metrics.jsonl")
    .toString()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
const finished = (result: RunResult) => {
  if (result._tag !== "finished") throw new Error(`interrupted at ${result.step}`)
  return result.summary
}

describe("a run", () => {
  test("writes checkpoint, metrics and a report that needs nothing else", async () => {
    const summary = finished(right(await run(request(root, "a"))()))
    expect(readdirSync(join(root, "a")).filter((name) => !name.startsWith("."))).toEqual([
      "checkpoint.before.safetensors",
      "checkpoint.safetensors",
      "metrics.jsonl",
      "report.html",
    ])
    const lines = metrics("a")
    expect(lines.map((line) => line.step)).toEqual([1, 2, 3, 4, 5])
    expect(lines.map((line) => "fgAri" in line && "spectralRadius" in line && "mse" in line)).toEqual([false, false, true, false, true])
    for (const line of lines) expect([line.loss, line.gradientNorm, line.residual].every(Number.isFinite)).toBe(true)
    expect(summary.step).toBe(5)
    expect(
      [summary.trained.scores.attention, summary.untrained.scores.attention, summary.byColour, summary.byHue].every(
        (s) => (s?.fgAri ?? 2) <= 1,
      ),
    ).toBe(true)
    const page = file("a", "report.html").toString()
    expect(page).toMatch(/k-means on hue/)
    expect(page).toMatch(/Residual by refinement/)
    expect(page).not.toMatch(/(src|href)="(?!data:)/)
  })

  test("equal configurations give equal files, another seed others", async () => {
    for (const [name, seed] of [
      ["a", 0],
      ["b", 0],
      ["c", 1],
    ] as const)
      right(await run(request(root, name, { settings: [{ name: "seed", value: seed }] }))())
    for (const of of ["checkpoint.safetensors", "metrics.jsonl"]) {
      expect(file("b", of).equals(file("a", of))).toBe(true)
      expect(file("c", of).equals(file("a", of))).toBe(false)
    }
  })

  test.each([1, 2, 3, 4])(
    "stopped after step %i and taken up again, it gives the same files as if it had never stopped",
    async (stopAfter) => {
      right(await run(request(root, "a"))())
      const stopped = right(await run(request(root, "b", { stopAfter }))())
      expect(stopped).toMatchObject({ _tag: "interrupted", step: stopAfter, steps: 5 })
      expect(metrics("b")).toHaveLength(stopAfter)
      right(await run(request(root, "b", { resume: true }))())
      for (const of of ["checkpoint.safetensors", "metrics.jsonl"]) expect(file("b", of).equals(file("a", of))).toBe(true)
    },
  )

  test("can be given more steps, and a finished one is only measured again", async () => {
    right(await run(request(root, "a"))())
    const before = file("a", "checkpoint.safetensors")
    expect(finished(right(await run(request(root, "a", { resume: true }))())).step).toBe(5)
    expect(file("a", "checkpoint.safetensors").equals(before)).toBe(true)
    expect(finished(right(await run(request(root, "a", { resume: true, settings: [{ name: "steps", value: 7 }] }))())).step).toBe(7)
    expect(metrics("a").map((line) => line.step)).toEqual([1, 2, 3, 4, 5, 6, 7])
  })

  test.each(["unrolled", "truncated", "neumann", "exact"])("with the adjoint %s", async (adjoint) => {
    const settings = [
      { name: "model.adjoint", value: adjoint },
      { name: "steps", value: 2 },
    ]
    right(await run(request(root, "a", { settings }))())
    expect(metrics("a").every((line) => Number.isFinite(line.loss))).toBe(true)
  })
})

describe("nothing is lost", () => {
  test("when a run is there already", async () => {
    right(await run(request(root, "a", { stopAfter: 2 }))())
    const before = file("a", "checkpoint.safetensors")
    expect(left(await run(request(root, "a"))()).message).toMatch(
      /a holds a run already; go on with --resume --name a, choose another --name, or delete the folder/,
    )
    expect(file("a", "checkpoint.safetensors").equals(before)).toBe(true)
    expect(metrics("a")).toHaveLength(2)
  })

  test("when the folder is in use", async () => {
    right(await run(request(root, "a", { stopAfter: 2 }))())
    const holder = right(await openRunFolder("a", root)())
    expect(left(await run(request(root, "a", { resume: true }))()).message).toMatch(/in use by process/)
    holder.close()
    right(await run(request(root, "a", { resume: true }))())
  })

  test("when the loss is not finite: the checkpoint before is named and whole", async () => {
    const settings = [
      { name: "optimiser.rate", value: 1e30 },
      { name: "optimiser.warmUp", value: 0 },
      { name: "optimiser.clip", value: 1e30 },
    ]
    const failure = left(await run(request(root, "a", { settings }))())
    expect(["NonFinite", "NotConverged"]).toContain(failure._tag)
    expect(failure.message).toMatch(/^(step \d: \w+ is (NaN|Infinity).*optimiser\.rate|slots: NonFinite)/)
    expect(failure.message).toMatch(/The checkpoint of step \d is intact: /)
    right(await load(checkpoint("a"))())
  })

  test("when a solve is refused", async () => {
    const failure = left(await run(request(root, "a", { settings: [{ name: "model.onFailure", value: "reject" }] }))())
    expect(failure._tag).toBe("NotConverged")
    expect(failure.message).toMatch(/slots: Exhausted with residual .*\nThe checkpoint of step 0 is intact/)
    expect(right(await load(checkpoint("a"))()).snapshot.step).toBe(0)
  })

  test("when the target is not there", async () => {
    const failure = left(await run(request(root, "a", { settings: [{ name: "target", value: "gpu:webgl2" }] }))())
    expect(failure._tag).toBe("TargetMissing")
    expect(failure.message).toMatch(/gpu:webgl2/)
  })
})

describe("a last checkpoint that can't be read", () => {
  const notes: string[] = []
  const goingOn = async () => {
    const asked = request(root, "a", { resume: true })
    notes.length = 0
    return run({ ...asked, progress: { ...asked.progress, note: (text) => notes.push(text) } })()
  }
  const bytes = () => Buffer.from(file("a", "checkpoint.safetensors"))
  const wrong = {
    "a truncated one": [() => bytes().subarray(0, -9), /truncated/],
    "one that has changed": [
      () => {
        const made = bytes()
        made[made.length - 1]! ^= 1
        return made
      },
      /its bytes have changed since it was written/,
    ],
    "another program's file": [() => Buffer.from("PK\x03\x04 not ours"), /no safetensors file; it looks like a zip archive/],
  } as const

  test.each(Object.entries(wrong))("%s: the one before is taken, which is told, and the end is the same", async (_, [made, why]) => {
    right(await run(request(root, "whole"))())
    right(await run(request(root, "a", { stopAfter: 4 }))())
    const damaged = made()
    writeFileSync(checkpoint("a"), damaged)
    expect(left(await load(checkpoint("a"))()).message).toMatch(/\nThe checkpoint before it is .*checkpoint\.before\.safetensors$/)
    right(await goingOn())
    expect(notes.join("\n")).toMatch(why)
    expect(notes.join("\n")).toMatch(/Going on from the checkpoint before it, of step 2\. It is kept as .*checkpoint\.damaged\.safetensors/)
    expect(file("a", "checkpoint.damaged.safetensors").equals(damaged)).toBe(true)
    for (const of of ["checkpoint.safetensors", "metrics.jsonl"]) expect(file("a", of).equals(file("whole", of))).toBe(true)
  })

  test("that is not there, as after a crash between two renamings: the one before is taken", async () => {
    right(await run(request(root, "a", { stopAfter: 4 }))())
    rmSync(checkpoint("a"))
    right(await goingOn())
    expect(notes.join("\n")).toMatch(/does not exist.*\nGoing on from the checkpoint before it, of step 2\.$/m)
  })

  test("when the one before can't be read either, it is refused and both are as they were", async () => {
    right(await run(request(root, "a", { stopAfter: 4 }))())
    const before = join(root, "a", "checkpoint.before.safetensors")
    writeFileSync(before, "nothing")
    writeFileSync(checkpoint("a"), bytes().subarray(0, -9))
    expect(left(await goingOn()).message).toMatch(/checkpoint\.safetensors: .*truncated/)
    expect([readFileSync(before, "utf8"), readdirSync(join(root, "a")).includes("checkpoint.damaged.safetensors")]).toEqual([
      "nothing",
      false,
    ])
  })

  test("of a model that its description does not describe", async () => {
    right(await run(request(root, "a", { stopAfter: 4 }))())
    const { description } = right(await load(checkpoint("a"))())
    const tensors = { "params.encoder[0].b": { dtype: "F32", shape: [4], data: new Float32Array(4) } } as const
    right(await saveCheckpoint(checkpoint("a"), { tensors, metadata: { ...description } as never })())
    expect(left(await load(checkpoint("a"))()).message).toMatch(
      /it has no tensor "params\.attention\.\S*" \(float\[\d+\]\), which the model needs; it was made for another model/,
    )
    right(await saveCheckpoint(checkpoint("a"), { tensors: {}, metadata: { step: 3 } })())
    right(await goingOn())
    expect(notes.join("\n")).toMatch(/metadata\.config: expected a record/)
  })
})

describe("going on is refused", () => {
  const resumed = async () => left(await run(request(root, "a", { resume: true }))())
  const begun = async () => right(await run(request(root, "a", { stopAfter: 2 }))())

  test("without a checkpoint", async () => {
    expect((await resumed()).message).toMatch(/could not read .*checkpoint\.safetensors: it, or the folder it is in, does not exist/)
  })

  test("with a configuration that the checkpoint was not made with", async () => {
    await begun()
    const before = file("a", "checkpoint.safetensors")
    const ask = async (name: string, value: unknown) =>
      left(await run(request(root, "a", { resume: true, settings: [{ name, value }] }))()).message
    expect(await ask("model.slots", 5)).toMatch(
      /config\.model\.slots is 5, but .*checkpoint\.safetensors was made with 4; leave it out to go on, or start a new run under another --name/,
    )
    expect(await ask("seed", 5)).toMatch(/config\.seed is 5/)
    expect(await ask("optimiser.rate", 5)).toMatch(/config\.optimiser\.rate is 5/)
    expect(file("a", "checkpoint.safetensors").equals(before)).toBe(true)
  })
})
