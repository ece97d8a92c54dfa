/** Command lines that are wrong, told before anything is made: a sentence, exit code 2, and no folder. */
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { command } from "../support/command.js"

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "stillpoint-words-"))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

describe("train", () => {
  test.each([
    [["--preset", "small", "--model", "slotAutoencoder"], /: --preset small is of the family slate, but --model slotAutoencoder names another; leave one/],
    [["--preset", "paper", "--model", "slotAutoencoder"], /: --preset paper is of the family slate, but --model slotAutoencoder names another/],
    [["--preset", "paper", "--set", "family=slotAutoencoder"], /--preset paper .* but the configuration names slotAutoencoder; leave one/],
  ])("%j", async (args, message) => {
    const runs = join(root, "none")
    const { code, err, out } = await command("train", "--steps", "0", "--runs", runs, ...args)
    expect(err).toMatch(message)
    expect(err).not.toMatch(/Ctrl-C/)
    expect([code, out]).toEqual([2, ""])
    expect(existsSync(runs)).toBe(false)
  })
})
