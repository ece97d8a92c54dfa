/** SLATE from the command line: train, eval, inspect, generate, compare. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { decode } from "fast-png"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { tinySlate } from "../models/training/tiny-slate.js"
import { command } from "../support/command.js"
import { openOnnx } from "../support/onnx.js"

let runs: string
const settings = { ...tinySlate, "training.evaluateEvery": 2 }
const set = Object.entries(settings).flatMap(([name, value]) => ["--set", `${name}=${value}`])

beforeAll(async () => {
  runs = mkdtempSync(join(tmpdir(), "stillpoint-slate-cli-"))
  const { code, err } = await command("train", "--preset", "small", "--steps", "2", "--runs", runs, "--name", "first", ...set)
  if (code !== 0) throw new Error(err)
})
afterAll(() => rmSync(runs, { recursive: true, force: true }))

describe("a SLATE that was trained", () => {
  test("is scored: errors through the slots and of its own words, and cross-entropy", async () => {
    const { code, out } = await command("eval", "first", "--runs", runs, "--scenes", "3")
    expect(code).toBe(0)
    expect(out).toMatch(/MSE.*squaredError.*bottleneckError.*crossEntropy|MSE.*bottleneckError.*crossEntropy.*squaredError/)
    const { scores } = JSON.parse(readFileSync(join(runs, "first", "eval.json"), "utf8"))
    for (const name of ["crossEntropy", "bottleneckError", "squaredError", "fgAri"]) expect(scores.model[name]).toBeTypeOf("number")
    expect(scores.decoder).toBeUndefined()
  })

  test("is looked into, image by image", async () => {
    const { code, out } = await command("inspect", "first", "--runs", runs, "--scenes", "2")
    expect(code).toBe(0)
    const columns = /^metrics so far.*\n(?: {2}\S.*\n)+/m.exec(out)?.[0] ?? ""
    const at = columns.split("\n").flatMap((line) => (line === "" ? [] : [line.search(/(?<=\S {2,})\S/)]))
    expect(new Set(at).size).toBe(1)
    expect(columns).toMatch(/heldOut\.bottleneckError {2}/)
    expect(out).toMatch(/slate[\s\S]*wordDecoder[\s\S]*residual \|f\(z\) - z\|[\s\S]*norm of its Jacobian: mean \S+/)
    const page = readFileSync(join(runs, "first", "inspect.html"), "utf8")
    expect(page).toMatch(/Residual by refinement, image by image[\s\S]*from its own words[\s\S]*radius/)
  })

  test("makes images from slots and from exchanged slots", async () => {
    const { code, out } = await command("generate", "first", "--runs", runs, "--scenes", "4")
    expect(code).toBe(0)
    expect(out).toMatch(/generated\.png/)
    const { width, height } = decode(readFileSync(join(runs, "first", "generated.png")))
    // 2 images, 2 from slots, one for each of 2 slots, and two gaps; a row a pair; 16 pixels six times as large
    expect([width, height]).toEqual([4 + 8 * 100, 4 + 2 * 100])
    const one = await command("generate", "first", "--runs", runs, "--scenes", "1")
    expect([one.code, one.err]).toEqual([2, expect.stringMatching(/expected at least two images/)])
  })

  test("is written as an ONNX file that gives the words and scores of the images", async () => {
    const { code, out } = await command("export", "first", "--runs", runs, "--images", "2")
    expect([code, out]).toEqual([0, expect.stringMatching(/model\.onnx \(\d+ bytes/)])
    const session = await openOnnx(readFileSync(join(runs, "first", "model.onnx")))
    expect([...session.outputNames].sort()).toEqual(
      expect.arrayContaining(["attention", "reconstruction", "residual", "scores", "slots", "words"]),
    )
    await session.release()
    const wrong = await command("export", "first", "--runs", runs, "--images", "0")
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringMatching(/--images: expected a whole number/)])
  })

  test("is resumed by its own configuration; what is not its family's is refused", async () => {
    const { code, out } = await command("train", "--resume", "--name", "first", "--runs", runs, "--steps", "3")
    expect(code).toBe(0)
    expect(out).toMatch(/cross-entropy/)
    const resume = (...more: readonly string[]) => command("train", "--resume", "--name", "first", "--runs", runs, ...more)
    const refused: readonly (readonly [readonly string[], RegExp])[] = [
      [["--model", "slotAutoencoder"], /first is a run of the family slate, but the command names slotAutoencoder; leave it out/],
      [["--set", "model.hidden=3"], /first is a run of the family slate; config: unknown key "model\.hidden" of the family slate/],
      [["--set", "model.dropout=0"], /config\.model\.dropout is 0, but .* was made with 0\.1; leave it out to go on/],
    ]
    for (const [more, message] of refused) {
      const { code, err } = await resume(...more)
      expect([code, err]).toEqual([2, expect.stringMatching(message)])
      expect(err).not.toMatch(/Ctrl-C/)
    }
    const odd = await command("train", "--model", "slate", "--runs", runs, "--set", "encoder.stride=2")
    expect([odd.code, odd.err]).toEqual([2, expect.stringMatching(/it is one of the family slotAutoencoder /)])
    const preset = await command("train", "--preset", "papr", "--runs", runs)
    expect([preset.code, preset.err]).toEqual([2, expect.stringMatching(/--preset: there is no preset "papr"; did you mean paper\?/)])
    const family = await command("train", "--model", "slat", "--runs", runs)
    expect([family.code, family.err]).toEqual([2, expect.stringMatching(/--model: there is no family "slat"; did you mean slate\?/)])
    const data = await command("train", "--data", "sprite", "--runs", runs)
    expect([data.code, data.err]).toEqual([2, expect.stringMatching(/--data: there is no file or folder "sprite"; did you mean sprites\?/)])
    const path = await command("train", "--data", "no/such.png", "--runs", runs)
    expect([path.code, path.err]).toEqual([
      2,
      expect.stringMatching(/"no\/such\.png"; give the path of your images, or one of tetrominoes, /),
    ])
  })
})

test("variants are compared", async () => {
  const asked = [
    "compare",
    "--preset",
    "small",
    "--steps",
    "2",
    "--runs",
    runs,
    "--name",
    "both",
    "--variants",
    "oneStep,exact",
    "--seeds",
    "3",
  ]
  const { code, out } = await command(...asked, ...set)
  expect(code).toBe(0)
  expect(out).toMatch(/oneStep, seed 3 [\s\S]*exact, seed 3 [\s\S]*report: .*both\/report\.html/)
  expect(existsSync(join(runs, "both", "exact-seed-3", "report.html"))).toBe(true)
  const again = await command(...asked, ...set)
  expect([again.code, again.err]).toEqual([1, expect.stringMatching(/holds a comparison already/)])
  const wrong = await command("compare", "--seeds", "a", "--runs", runs)
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringMatching(/--seeds: expected whole numbers divided by commas/)])
})
