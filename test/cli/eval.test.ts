/** `stillpoint eval`: the figures of the end of training, the user's own images, and what is said where they don't fit. */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { encode } from "fast-png"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { batch, encodeNpz, type Measured, type NpzArrays, run, type Summary, summaryReport } from "../../src/models/index.js"
import { request } from "../models/training/tiny.js"
import { command } from "../support/command.js"
import { right } from "../support/either.js"
import { describeShared } from "../support/shared.js"

let runs: string
let trained: Summary
beforeAll(async () => {
  runs = mkdtempSync(join(tmpdir(), "stillpoint-eval-"))
  const result = right(await run(request(runs, "first"))())
  if (result._tag !== "finished") throw new Error("expected a finished run")
  trained = result.summary
})
afterAll(() => rmSync(runs, { recursive: true, force: true }))

const evaluate = (...more: readonly string[]) => command("eval", "first", "--runs", runs, ...more)
const json = async (...more: readonly string[]) => {
  const { code, out, err } = await evaluate("--json", ...more)
  expect([code, code === 0 ? "" : err]).toEqual([0, ""])
  return JSON.parse(out)
}

const write = (name: string, arrays: NpzArrays): string => {
  const path = join(runs, name)
  writeFileSync(path, right(encodeNpz(arrays)))
  return path
}

const scenes = batch({ blockSize: 1, split: "heldOut" }, 0, 0, 5)
const image = { dtype: "float32", shape: [5, 7, 7, 3], data: scenes.images } as const
const mask = { dtype: "uint8", shape: [5, 7, 7], data: scenes.masks } as const

describe("held-out scenes", () => {
  test("give the figures of the end of training, and a page and a record beside the checkpoint", async () => {
    const { code, out, err } = await evaluate()
    expect(code).toBe(0)
    expect(err).toMatch(/checkpoint\.safetensors: evaluating on 5 images \(held-out scenes\)\n/)
    expect(err).toMatch(/image 10\/10 100%/)
    expect(out).toMatch(
      /^5 images: held-out scenes +FG-ARI +FG-ARI, shared colour +ARI +mIoU +MSE\nthis run +\S+ +\S+ +\S+ +\S+ +\d\S*\nby the decoder's masks/,
    )
    const { scores, convergence } = JSON.parse(readFileSync(join(runs, "first", "eval.json"), "utf8"))
    const figures = ({ scores: { attention, mse } }: Measured) => ({ ...attention, mse })
    expect(scores.model).toMatchObject(figures(trained.trained))
    expect(scores.decoder).toMatchObject(trained.trained.scores.decoder ?? { none: true })
    expect(scores.untrained).toMatchObject(figures(trained.untrained))
    expect(scores.kMeansColour).toMatchObject(trained.byColour ?? { none: true })
    expect(scores.kMeansHue).toMatchObject(trained.byHue ?? { none: true })
    // that of training is over 16 scenes, whatever the number that is scored
    expect(convergence.residuals.middle.length).toBe(trained.trained.convergence.residuals.middle.length)
    expect(out).toContain(`written: ${join(runs, "first", "eval.json")}, ${join(runs, "first", "eval.html")}`)
    const page = readFileSync(join(runs, "first", "eval.html"), "utf8")
    expect(page).toMatch(/Evaluation of first[\s\S]*Residual by refinement[\s\S]*Scene 4/)
    expect(existsSync(join(runs, "first", "report.html"))).toBe(true)
  })

  test("--json prints what the file holds; --scenes, --seed, --target and --out are heard", async () => {
    const out = join(runs, "elsewhere", "deep")
    const found = await json("--scenes", "3", "--seed", "9", "--target", "interpreter", "--out", out)
    expect(found).toEqual(JSON.parse(readFileSync(join(out, "eval.json"), "utf8")))
    expect([found.seed, found.data.images, found.images.length, found.step, found.steps]).toEqual([9, 3, 3, 5, 5])
    expect(found.convergence.residuals.middle.length).toBe(3)
    const other = await json("--scenes", "3", "--out", out)
    expect(other.scores.model.mse).not.toBe(found.scores.model.mse)
    expect(other.scores.kMeansHue).toEqual(found.scores.kMeansHue)
  })
})

describe("the user's own images", () => {
  test("an archive of the held-out scenes has their scores; means of the images are the scores", async () => {
    const [held, own] = [await json(), await json("--data", write("own.npz", { image, mask }))]
    const { fgAriSameColour, ...rest } = held.scores.model
    expect(fgAriSameColour).not.toBeNull()
    expect(own.scores.model).toEqual({ ...rest, fgAriSameColour: null })
    expect([own.data.fitted, own.data.missing]).toEqual([null, null])
    for (const key of ["fgAri", "ari", "miou", "mse"]) {
      const mean = own.images.reduce((sum: number, one: Record<string, number>) => sum + (one[key] ?? Number.NaN), 0) / 5
      expect(mean).toBeCloseTo(own.scores.model[key], 6)
    }
  })

  test("a folder of pictures with label maps has them too, to the rounding of bytes", async () => {
    const folder = join(runs, "pictures")
    mkdirSync(join(folder, "masks"), { recursive: true })
    for (let i = 0; i < 5; i++) {
      const colours = Uint8Array.from(scenes.images.subarray(147 * i, 147 * (i + 1)), (x) => Math.round(255 * x))
      const labels = scenes.masks.slice(49 * i, 49 * (i + 1))
      writeFileSync(join(folder, `${i}.png`), encode({ width: 7, height: 7, channels: 3, depth: 8, data: colours }))
      writeFileSync(join(folder, "masks", `${i}.png`), encode({ width: 7, height: 7, channels: 1, depth: 8, data: labels }))
    }
    const [held, own] = [await json(), await json("--data", folder)]
    expect(own.scores.model.fgAri).toBeCloseTo(held.scores.model.fgAri, 6)
    expect(own.scores.model.mse).toBeCloseTo(held.scores.model.mse, 6)
    expect(own.images[3].name).toBe("3.png")
  })

  test("without masks: the squared error, and what is missing", async () => {
    const { out, code } = await evaluate("--data", write("bare.npz", { image }), "--scenes", "2")
    expect(code).toBe(0)
    expect(out).toMatch(
      /^2 images: .*bare\.npz +MSE\nthis run +\d\S*\nuntrained +\d\S*\nNo FG-ARI, ARI and mIoU: .*bare\.npz has no array "mask" or "masks"\.\n/,
    )
  })

  test("a long name pushes the columns of all rows; images without an object are left out, and told", async () => {
    const path = write("images-with-a-name-that-is-longer-than-most.npz", {
      image,
      mask: { ...mask, data: mask.data.map((label, i) => (i < 2 * 49 ? 0 : label)) },
    })
    const { out } = await evaluate("--data", path, "--out", join(runs, "long"))
    const lines = out.split("\n").slice(0, 5)
    expect(new Set(lines.map(({ length }) => length)).size).toBe(1)
    expect(out).toMatch(/\n2 of 5 images have no object and are left out of FG-ARI and mIoU\.\n/)
    const page = readFileSync(join(runs, "long", "eval.html"), "utf8")
    expect(page).toMatch(/2 of 5 images have no object/)
    const { images, scores } = JSON.parse(readFileSync(join(runs, "long", "eval.json"), "utf8"))
    expect(images.map(({ fgAri }: { fgAri: number | null }) => fgAri === null)).toEqual([true, true, false, false, false])
    const scored = images.slice(2).map(({ fgAri }: { fgAri: number }) => fgAri)
    expect(scores.model.fgAri).toBeCloseTo(scored.reduce((a: number, b: number) => a + b) / 3, 6)
  })

  test("of another size: by blocks, by --resize, or refused with the old files as they were", async () => {
    const before = readFileSync(join(runs, "first", "eval.json"), "utf8")
    const larger = batch({ blockSize: 2, split: "heldOut" }, 0, 0, 2)
    const blocks = write("blocks.npz", { image: { dtype: "float32", shape: [2, 14, 14, 3], data: larger.images } })
    const odd = write("odd.npz", { image: { dtype: "uint8", shape: [1, 6, 5, 3], data: new Uint8Array(90) } })
    const refused = await evaluate("--data", odd)
    expect([refused.code, refused.out]).toEqual([1, ""])
    expect(refused.err).toMatch(
      /odd\.npz: .*expected images of 7 x 7 pixels, .* found 5 x 6; choose how they are resampled: smooth, linear or nearest \(--resize, or data\.resize in training\)/,
    )
    expect(readFileSync(join(runs, "first", "eval.json"), "utf8")).toBe(before)
    const few = await evaluate("--data", odd, "--scenes", "2", "--resize", "linear")
    expect([few.code, few.err]).toEqual([1, expect.stringMatching(/expected at least 2 images, as --scenes asks for, found 1/)])
    const out = join(runs, "sizes")
    expect((await json("--data", odd, "--resize", "linear", "--out", out)).data.fitted).toBe(
      "1 image: 5 x 6 to 7 x 7 pixels, by linear interpolation",
    )
    expect((await json("--data", blocks, "--out", out)).data.fitted).toBe(
      "2 images: 14 x 14 to 7 x 7 pixels, blocks of 2 sampled at 1 rows and columns",
    )
  })
})

describe("other checkpoints of a run", () => {
  test("one whose last checkpoint is gone is found by all commands, and goes on", async () => {
    const root = join(runs, "others")
    mkdirSync(join(root, "bef"), { recursive: true })
    copyFileSync(join(runs, "first", "checkpoint.before.safetensors"), join(root, "bef", "checkpoint.before.safetensors"))
    const { code, err } = await command("eval", "bef", "--runs", root, "--scenes", "1")
    expect([code, err]).toEqual([0, expect.stringMatching(/bef\/checkpoint\.before\.safetensors: evaluating on 1 image /)])
    expect(existsSync(join(root, "bef", "eval.json"))).toBe(true)
    const nearly = await command("info", "--name", "bff", "--runs", root)
    expect([nearly.code, nearly.err]).toEqual([2, expect.stringMatching(/there is no run, folder or file "bff"; did you mean bef\?/)])
    const info = await command("info", "bef", "--runs", root)
    expect([info.code, info.out]).toEqual([0, expect.stringMatching(/bef\/checkpoint\.before\.safetensors\nstep 4 of 5, /)])
    const resumed = await command("train", "--resume", "--runs", root, "--steps", "5")
    expect([resumed.code, resumed.err]).toEqual([
      0,
      expect.stringMatching(/bef: going on.*\n[\s\S]*Going on from the checkpoint before it, of step 4/),
    ])
  })
})

describe("what the report of a training says of the images", () => {
  const notes = (heldOut: number, trainedOn: number) => {
    const config = { ...trained.config, data: { ...trained.config.data, source: "files" as const, path: "photos" } }
    return summaryReport({ ...trained, config, images: { trained: trainedOn, heldOut } } as Summary)
  }
  test("how many of how many are held out", () => {
    expect(notes(1, 1).notes).toContain("Of the 2 images of photos 1 is held out, the same for every seed.")
    expect(notes(3, 22).notes).toContain("Of the 25 images of photos 3 are held out, the same for every seed.")
    const single = notes(0, 1)
    expect(single.notes).toContain("There is one image in photos: it is trained on and scored, none is held out.")
    expect(single.tables?.[0]?.title).toBe("the image trained on")
  })

  test("of the refinement's Jacobian no more than holds where a scene stops at no fixed point", () => {
    const note = notes(1, 1).curves?.find(({ title }) => title === "The refinement's Jacobian")?.note
    expect(note).toMatch(/^Means over scenes, where the model stops\. Of a scene that stops at a fixed point \(its residual is small\): /)
  })
})

describeShared("the published images", (folder) => {
  test("are scored with their masks", async () => {
    const out = join(runs, "published")
    const found = await json("--data", join(folder, "data", "tetrominoes-real-10.npz"), "--out", out)
    expect(found.data).toMatchObject({ images: 10, size: 7, missing: null })
    expect(found.data.fitted).toBe("10 images: 35 x 35 to 7 x 7 pixels, blocks of 5 sampled at 1 rows and columns")
    // where no two pieces of a scene share a colour, hue tells them apart: that is so in some of the ten, not in all
    expect(found.scores.kMeansHue.fgAri).toBeGreaterThan(0.5)
    expect(found.scores.kMeansHue.fgAri).toBeLessThan(1)
    expect(readFileSync(join(out, "eval.html"), "utf8")).toMatch(/Image 9/)
  })
})

describe("a command line that is wrong: a sentence, exit code 2", () => {
  test.each([
    [["fist"], /there is no run, folder or file "fist"; did you mean first\? Runs in .*: first/],
    [["first", "--scenes", "0"], /--scenes: expected a whole number from 1 to 100000, found 0/],
    [["first", "--seed", "many"], /--seed: expected a whole number from 0 to 4294967295, found "many"/],
    [["first", "--target", "cuda"], /--target: expected one of auto, .*, found "cuda"/],
    [["first", "--resize", "cubic"], /--resize: expected one of .*linear.*, found "cubic"/],
    [["first", "--data", "../missing"], /--data: there is no file or folder "\.\.\/missing"; give the path of your images/],
    [["first", "--sceens", "3"], /unknown option --sceens; did you mean --scenes\?/],
    [[], /eval: expected one run or checkpoint file, such as stillpoint eval tetrominoes-1/],
  ])("%j", async (args, message) => {
    const { code, err, out } = await command("eval", "--runs", runs, ...args)
    expect(err).toMatch(message)
    expect([code, out]).toEqual([2, ""])
  })

  test("a file in the place of the folder, a file that is no checkpoint: what is said is of that file", async () => {
    const file = join(runs, "first", "metrics.jsonl")
    expect((await evaluate("--out", file)).err).toMatch(
      /could not make the folder .*metrics\.jsonl: there is a file of that name; choose another/,
    )
    const log = await command("eval", file)
    expect(log.code).toBe(1)
    expect(log.err).not.toMatch(/The checkpoint before it/)
  })

  test("a folder without a run, a root without runs; help says how", async () => {
    mkdirSync(join(runs, "empty"), { recursive: true })
    expect((await command("eval", "empty", "--runs", runs)).err).toMatch(
      /empty has no checkpoint\.safetensors; name a run that was trained/,
    )
    const none = await command("eval", "a", "--runs", join(runs, "empty"))
    expect([none.code, none.err]).toEqual([2, expect.stringMatching(/there are no runs in .*empty\/ \(--runs names another folder\)/)])
    const help = await command("eval", "--help")
    expect(help.out).toMatch(/Usage: stillpoint eval RUN[\s\S]*--resize METHOD[\s\S]*Exit codes:\n {2}0 .*\n {2}1 .*\n {2}2 .*\n {2}130 /)
    expect((await command("--help")).out).toMatch(/ {2}eval +score[\s\S]* {2}inspect +look/)
  })
})
