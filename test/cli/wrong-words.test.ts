/** Command lines that are wrong, told before anything is made: a sentence, exit code 2, and no folder. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { word } from "../../src/cli/word.js"
import { command } from "../support/command.js"

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "stillpoint-words-"))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

describe("train", () => {
  test.each([
    [
      ["--preset", "small", "--model", "slotAutoencoder"],
      /: --preset small is of the family slate, but --model slotAutoencoder names another; leave one/,
    ],
    [
      ["--preset", "paper", "--model", "slotAutoencoder"],
      /: --preset paper is of the family slate, but --model slotAutoencoder names another/,
    ],
    [["--preset", "paper", "--set", "family=slotAutoencoder"], /--preset paper .* but the configuration names slotAutoencoder; leave one/],
    [["--name", ""], /a run's name must be 1 to 100 letters, .* found ""; choose another/],
    [["--name", "../x"], /a run's name must be .* found "\.\.\/x"; choose another/],
    [["--resume", "--name", "../x"], /a run's name must be .* found "\.\.\/x"; choose another/],
    [["--seed", "-1"], /: --seed: expected a value; one that begins with a dash is written --seed=-VALUE\n$/],
    [["--seed"], /: --seed: expected a value, found none\n$/],
    [["--seed=-1"], /config\.seed: expected a whole number from 0 to 4294967295, found "-1"/],
    [["--data", "sprites", "--set", "data.side=4"], /config\.data\.side: expected a whole number from 16 to 1024, found 4/],
    [
      ["--set", "data.side=64"],
      /config\.data\.side: is set to 64, but config\.data\.source is tetrominoes, whose size is data\.blockSize; set that/,
    ],
    [
      ["--data", "sprites", "--set", "data.blockSize=2"],
      /config\.data\.blockSize: is set to 2, but config\.data\.source is sprites, whose size is data\.side;/,
    ],
    [
      ["--preset", "paper", "--data", "tetrominoes", "--set", "data.blockSize=2"],
      /images are 14 pixels wide, .*; choose a data\.blockSize that 4 divides\n$/,
    ],
    [["--model", "slate", "--set", "data.side=30"], /images are 30 pixels wide, .*; choose a data\.side that 4 divides\n$/],
  ])("%j", async (args, message) => {
    const runs = join(root, "none")
    const { code, err, out } = await command("train", "--steps", "0", "--runs", runs, ...args)
    expect(err).toMatch(message)
    expect(err).not.toMatch(/Ctrl-C/)
    expect([code, out]).toEqual([2, ""])
    expect(existsSync(runs)).toBe(false)
  })
})

describe("names and words", () => {
  test("a run takes no folder of a comparison", async () => {
    mkdirSync(join(root, "mine", "side-by-side"), { recursive: true })
    writeFileSync(join(root, "mine", "side-by-side", "times.json"), "{}")
    const { code, err } = await command("train", "--steps", "0", "--runs", join(root, "mine"), "--name", "side-by-side")
    expect([code, err]).toEqual([2, expect.stringMatching(/side-by-side holds a comparison; choose another --name/)])
    expect(readdirSync(join(root, "mine", "side-by-side"))).toEqual(["times.json"])
  })

  test.each([
    ["runs/a-1", "runs/a-1"],
    ["../my runs", "'../my runs'"],
    ["it's", "'it'\\''s'"],
    ["$HOME", "'$HOME'"],
  ])("%s is typed as %s", (text, typed) => expect(word(text)).toBe(typed))
})
