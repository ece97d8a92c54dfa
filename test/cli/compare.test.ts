/** `stillpoint compare` as a user has it: refusals, what it prints at the end, Ctrl-C. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setImmediate } from "node:timers/promises"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { tableLines } from "../../src/cli/table.js"
import { tinySettings } from "../models/training/tiny.js"
import { tinyOptions } from "../support/cli.js"
import { command } from "../support/command.js"

let runs: string
beforeEach(() => {
  runs = mkdtempSync(join(tmpdir(), "stillpoint-compare-"))
})
afterEach(() => rmSync(runs, { recursive: true, force: true }))

const tiny = tinyOptions(Object.fromEntries(tinySettings.map(({ name, value }) => [name, value])))
const compare = (...more: readonly string[]) => command("compare", "--runs", runs, "--seeds", "0", "--threads", "1", ...tiny, ...more)

describe("a command line that is wrong: a sentence, exit code 2, nothing written", () => {
  test.each([
    [["--steps", "0"], /config\.steps: expected at least 1 to compare, found 0/],
    [
      ["--variants", "model.slots=0,exact"],
      /variant "model\.slots=0": config\.model\.slots: expected a whole number from 1 to 64, found 0/,
    ],
    [["--variants", "seed=5,seed=6"], /"seed=5" sets the seed, .* give it there, such as --seeds 5,6/],
    [["--set", "seed=5"], /--set seed: every variant is trained with each seed of --seeds/],
    [["--resume"], /--resume: name the comparison to go on with/],
    [["--resume", "--name", "gradient"], /there is no comparison "gradient"; did you mean gradients\? Comparisons in .*: gradients\n$/],
    [["--resume", "--name", "run"], /there is no comparison "run"; did you mean gradients\?/],
  ])("%j", async (more, message) => {
    for (const [name, file] of [
      ["gradients", "times.json"],
      ["run", "checkpoint.safetensors"],
    ] as const) {
      mkdirSync(join(runs, name))
      writeFileSync(join(runs, name, file), "{}")
    }
    const { code, out, err } = await compare(...more)
    expect([code, out, err]).toEqual([2, "", expect.stringMatching(message)])
    expect(readdirSync(runs)).toEqual(["gradients", "run"])
  })

  test("where there is no comparison to go on with, it says so", async () => {
    const { code, err } = await compare("--resume", "--name", "nope")
    expect([code, err]).toEqual([2, expect.stringMatching(/^stillpoint: there is no comparison "nope"; there are none in .*\n$/)])
  })
})

test("at the end: a table with whole steps, and in a line each why runs ended early", async () => {
  const { code, out } = await compare("--steps", "2", "--variants", "model.onFailure=reject,oneStep")
  const lines = out.trimEnd().split("\n")
  expect(lines[2]).toMatch(/^oneStep, seed 0 .* 2 +\d\S*$/)
  expect(lines[3]).toMatch(/^model\.onFailure=reject, seed 0 ended early: slots: Exhausted/)
  expect(lines[4]).toMatch(/^report: /)
  expect([lines.length, code]).toEqual([5, 0])
})

test("Ctrl-C: how far the runs are, and how to go on", async () => {
  const others = process.listeners("SIGINT")
  const ended = compare("--variants", "unrolled,oneStep")
  const hears = () => process.listeners("SIGINT").filter((hear) => !others.includes(hear))
  while (hears().length === 0) await setImmediate()
  for (const hear of hears()) hear("SIGINT")
  const { code, out } = await ended
  expect(out).toBe(
    `stopped with checkpoints: the runs have made 0 to 1 of 5 steps; go on with the same command and --resume --name compare-1 --runs ${runs}\n`,
  )
  expect(code).toBe(130)
})

test("whole numbers in a table are shown whole, where its column says nothing else", () => {
  const columns = [{ name: "steps", better: "neither" } as const, { name: "score", better: "higher", digits: 3 } as const]
  const table = {
    title: "t",
    columns,
    rows: [
      { name: "a", values: [600, 1] },
      { name: "b", values: [0.25, null] },
    ],
  }
  expect(tableLines(table)).toEqual(["t    steps    score", "a      600    1.000", "b   0.2500        -"])
})
