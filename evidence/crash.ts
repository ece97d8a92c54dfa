/**
 * Runs that are killed, that meet a full disk, and whose last checkpoint is damaged: nothing that was saved is lost.
 * `--seed S` draws other moments, `--family slate` or `slotAutoencoder` tries one of them.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { bundleCli } from "../test/support/cli.js"
import { damaged } from "./crash/damage.js"
import { full } from "./crash/full.js"
import { killed } from "./crash/kill.js"
import { alone, families } from "./crash/runs.js"
import { option } from "./options/index.js"

export const title =
  "kill -9 at 20 random moments, a full disk at 5, a damaged last checkpoint, for either family: the same files bit for bit in the end"

export const run = async (args: readonly string[]): Promise<boolean> => {
  const seed = option(args, "--seed", 1)
  if (seed === null) return false
  const at = args.indexOf("--family")
  const asked = at < 0 ? families : families.filter((family) => family === args[at + 1])
  if (asked.length === 0) {
    console.log(`--family: expected ${families.join(" or ")}`)
    return false
  }
  const runs = mkdtempSync(join(tmpdir(), "stillpoint-crash-"))
  const cli = await bundleCli()
  let held = true
  try {
    for (const family of asked) {
      const whole = await alone(cli, runs, family)
      console.log(`${family}: left alone it takes ${whole.seconds.toFixed(1)} s (seed of the moments: ${seed})`)
      for (const part of [killed, full, damaged]) held = (await part(cli, whole, seed)) && held
    }
  } finally {
    cli.remove()
    rmSync(runs, { recursive: true, force: true })
  }
  console.log(held ? "nothing saved was lost" : "something was lost, or a part could not be tried")
  return held
}
