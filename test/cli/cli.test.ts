/** The command as a user has it: exit codes, sentences, Ctrl-C, kill. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { load } from "../../src/models/runs/index.js"
import { tinySettings } from "../models/training/tiny.js"
import { bundleCli, type Cli, tinyOptions } from "../support/cli.js"
import { right } from "../support/either.js"

let cli: Cli
let runs: string
beforeAll(async () => {
  cli = await bundleCli()
})
afterAll(() => cli.remove())
beforeEach(() => {
  runs = mkdtempSync(join(tmpdir(), "stillpoint-cli-"))
})
afterEach(() => rmSync(runs, { recursive: true, force: true }))

const tiny = Object.fromEntries(tinySettings.map(({ name, value }) => [name, value]))
const train = (...more: readonly string[]) => ["train", "--runs", runs, ...tinyOptions(tiny), ...more]
const file = (name: string, of: string) => readFileSync(join(runs, name, of))
const endless = ["--steps", "1000000", "--set", "training.evaluateEvery=1000000", "--set", "evaluation.finalScenes=1"]

describe("train", () => {
  test("trains, and says what came out and where it is", async () => {
    const { code, out, err } = await cli.run(...train())
    expect(err).toMatch(/tetrominoes-1: training; Ctrl-C stops with a checkpoint/)
    expect(err).toMatch(/step 5\/5 100% {2}loss \S+ {2}FG-ARI \S+ {2}residual \S+ {2}radius \S+/)
    expect(out).toMatch(
      /5 held-out images +FG-ARI( +FG-ARI, shared colour)? +MSE\nthis run .*\nthis run, by the decoder's masks .*\nuntrained .*\nk-means on colour .*\nk-means on hue/,
    )
    expect(out).toMatch(/report: .*tetrominoes-1\/report\.html\n$/)
    expect(code).toBe(0)
    expect(existsSync(join(runs, "tetrominoes-1", "report.html"))).toBe(true)
  })

  test("on any number of threads it learns the same, bit for bit; what is no number of threads is refused", async () => {
    for (const threads of ["1", "3"]) expect((await cli.run(...train("--name", threads, "--threads", threads))).code).toBe(0)
    expect(file("3", "checkpoint.safetensors").equals(file("1", "checkpoint.safetensors"))).toBe(true)
    const none = await cli.run(...train("--threads", "0"))
    expect([none.code, none.err]).toEqual([2, expect.stringContaining('--threads: expected a whole number from 1 to 64, found "0"')])
    const alone = await cli.run(...train("--threads", "2", "--target", "interpreter"))
    expect([alone.code, alone.err]).toEqual([1, expect.stringContaining("interpreter runs on one thread; leave out threads")])
    expect((await cli.run("eval", "1", "--runs", runs, "--threads", "two")).code).toBe(2)
  })

  test("Ctrl-C: the running step, a checkpoint, how to go on, 130; and it does go on", async () => {
    const running = cli.start(...train("--name", "a", ...endless))
    await running.says("step ")
    running.child.kill("SIGINT")
    const { code, out, err } = await running.ended
    expect(err).toMatch(/stopping after this step; Ctrl-C again stops at once/)
    const [, step, where] =
      /^stopped after step (\d+) of 1000000 with a checkpoint; go on with: stillpoint train --resume --name a --runs (\S+)\n$/.exec(out) ??
      []
    expect(code).toBe(130)
    expect(where).toBe(runs)
    const checkpoint = join(runs, "a", "checkpoint.safetensors")
    expect(right(await load(checkpoint)()).snapshot.step).toBe(Number(step))
    // the latest run is the default
    const { code: again, err: said } = await cli.run("train", "--runs", runs, "--resume", "--steps", String(Number(step) + 1))
    expect(said).toMatch(/\/a: going on/)
    expect(again).toBe(0)
  })

  test("a second Ctrl-C ends it at once", async () => {
    const running = cli.start(...train("--name", "a", ...endless))
    await running.says("step ")
    // both before the step can end: the event loop sees them together
    running.child.kill("SIGTERM")
    running.child.kill("SIGINT")
    expect([130, 143]).toContain((await running.ended).code)
  })

  test("killed at any moment, it goes on from a whole checkpoint: the same files as if nothing had been", async () => {
    const steps = ["--steps", "60", "--set", "training.checkpointEvery=7", "--set", "training.evaluateEvery=40"]
    expect((await cli.run(...train("--name", "whole", ...steps))).code).toBe(0)
    for (let attempt = 0, code: number | null = null; code !== 0; attempt++) {
      const resume = existsSync(join(runs, "killed", "checkpoint.safetensors"))
      const running = cli.start(...train("--name", "killed", ...steps, ...(resume ? ["--resume"] : [])))
      if (attempt < 2) {
        await running.says("step ")
        running.child.kill("SIGKILL")
      }
      const ended = await running.ended
      if (attempt >= 2) expect(ended.err).not.toMatch(/stillpoint:/)
      code = ended.code
    }
    for (const of of ["checkpoint.safetensors", "metrics.jsonl"]) expect(file("killed", of).equals(file("whole", of))).toBe(true)
  })

  test("takes a file and single values, which win over it", async () => {
    const config = join(runs, "config.json")
    writeFileSync(config, JSON.stringify({ model: { slots: 2 }, seed: 8 }))
    const { code } = await cli.run(...train("--name", "a", "--config", config, "--set", "model.slots=3", "--steps", "1"))
    expect(code).toBe(0)
    const { config: made } = right(await load(join(runs, "a", "checkpoint.safetensors"))()).description
    expect([made.model.slots, made.seed, made.steps]).toEqual([3, 8, 1])
  })
})

describe("a command line or configuration that is wrong: a sentence, exit code 2, no folder", () => {
  test.each([
    [["train", "--sed", "3"], /unknown option --sed; did you mean --seed\? Known are --model, --preset, --data, --target, /],
    [["train", "--steps", "many"], /config\.steps: expected a whole number from 0 to 16777216, found "many"/],
    [["train", "--set", "slots=5"], /unknown key "slots"; did you mean "model\.slots"\?/],
    [["train", "--set", "model.slots=0"], /config\.model\.slots: expected a whole number from 1 to 64, found 0/],
    [["train", "--config", "nowhere.json"], /could not read nowhere\.json: it, or the folder it is in, does not exist/],
    [["train", "--target", "cuda"], /config\.target: expected one of auto, .*, found "cuda"/],
    [["train", "--resume"], /--resume: there is no run with a checkpoint in .* to go on with/],
    [["train", "--resume", "--name", "nope"], /^stillpoint: there is no run "nope"; there are no runs in .*\n$/],
    [["trian"], /unknown command "trian"; did you mean train\?/],
    [[], /expected a command: train, compare, eval, inspect, generate, export, check, info/],
    [["info", "a", "b"], /info: expected one run or checkpoint file, such as stillpoint info/],
  ])("%j", async (args, message) => {
    const inFolder = args[0] === "train" ? [...args, "--runs", join(runs, "none")] : args
    const { code, err, out } = await cli.run(...inFolder)
    expect(err).toMatch(message)
    expect(err).toMatch(/^stillpoint: /)
    expect([code, out]).toEqual([2, ""])
    expect(existsSync(join(runs, "none"))).toBe(false)
  })
})

describe("a run that fails: a sentence, exit code 1; what it was told wrong, 2", () => {
  test("a run of that name, a target that is not here, a foreign checkpoint, another model", async () => {
    expect((await cli.run(...train("--name", "a", "--steps", "1"))).code).toBe(0)
    const again = await cli.run(...train("--name", "a", "--steps", "1"))
    expect([again.code, again.err]).toEqual([2, expect.stringMatching(/stillpoint: .*a holds a run already; go on with --resume/)])
    const target = await cli.run(...train("--name", "b", "--target", "gpu:webgl2"))
    expect([target.code, target.err]).toEqual([1, expect.stringMatching(/stillpoint: .*gpu:webgl2/)])
    const model = await cli.run(...train("--name", "a", "--resume", "--set", "model.width=8"))
    expect([model.code, model.err]).toEqual([2, expect.stringMatching(/config\.model\.width is 8, but .* was made with 4/)])
    writeFileSync(join(runs, "a", "checkpoint.safetensors"), "{}")
    writeFileSync(join(runs, "a", "checkpoint.before.safetensors"), "{}")
    const foreign = await cli.run(...train("--name", "a", "--resume"))
    expect([foreign.code, foreign.err]).toEqual([1, expect.stringMatching(/checkpoint\.safetensors: expected at least 8 bytes/)])
  })
})

describe("info and help", () => {
  test("describe a run, a file, and the installation", async () => {
    expect((await cli.run(...train("--name", "a", "--steps", "3"))).code).toBe(0)
    const byName = await cli.run("info", "--name", "a", "--runs", runs)
    expect(byName.out).toMatch(/step 3 of 3, \d+ parameters in \d+ tensors/)
    expect(byName.out).toMatch(/model\.adjoint +oneStep/)
    expect(byName.out).toMatch(/"_tag":"slotAutoencoder"/)
    expect(byName.out).toMatch(/last evaluation \{"step":3/)
    const byFile = await cli.run("info", join(runs, "a", "checkpoint.safetensors"))
    expect(byFile.out).toMatch(/step 3 of 3/)
    const alone = await cli.run("info", "--runs", runs)
    expect(alone.out).toMatch(/stillpoint \d+\.\d+\.\d+, Node v\d+[\s\S]*wasm +here[\s\S]*runs in .*: a/)
    expect([byName.code, byFile.code, alone.code]).toEqual([0, 0, 0])
    expect((await cli.run("info", join(runs, "nothing"))).code).toBe(2)
  })

  test("say how it is used, with exit codes and every value of the configuration", async () => {
    const [top, of] = [await cli.run("--help"), await cli.run("train", "--help")]
    expect(top.out).toMatch(/Usage: stillpoint <command>/)
    expect(of.out).toMatch(/Exit codes:\n {2}0 .*\n {2}1 .*\n {2}2 .*\n {2}130 /)
    expect(of.out).toMatch(/model\.slots +4/)
    expect([top.code, of.code]).toEqual([0, 0])
    expect((await cli.run("--version")).out).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})
