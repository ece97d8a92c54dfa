/** Runs whose last checkpoint is damaged. */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import type { Cli } from "../../test/support/cli.js"
import { checkpointOf, sameFiles, start, type Whole } from "./runs.js"

const damages: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  truncated: (bytes) => bytes.subarray(0, Math.floor(bytes.length / 2)),
  empty: () => Buffer.alloc(0),
  "with a flipped bit": (bytes) => {
    const made = Buffer.from(bytes)
    made[made.length - 5]! ^= 16
    return made
  },
}

/** The last checkpoint is damaged: the run goes on from the one before, says so, keeps what is damaged, and ends alike. */
export const damaged = async (cli: Cli, whole: Whole): Promise<boolean> => {
  let held = true
  for (const [how, made] of Object.entries(damages)) {
    const name = `${whole.family}-${how.replaceAll(" ", "-")}`
    const running = start(cli, whole.family, whole.runs, name)
    await running.says("step")
    await setTimeout(1000 * whole.seconds * 0.5)
    running.child.kill("SIGINT")
    await running.ended
    const path = checkpointOf(whole.runs, name)
    const bytes = made(readFileSync(path))
    writeFileSync(path, bytes)
    const { code, err } = await start(cli, whole.family, whole.runs, name).ended
    const told = /Going on from the checkpoint before it, of step \d+/.exec(err)?.[0]
    const kept = readFileSync(join(whole.runs, name, "checkpoint.damaged.safetensors")).equals(bytes)
    const equal = code === 0 && sameFiles(whole, whole.runs, name)
    console.log(
      `  last checkpoint ${how}: ${told ?? "NOT told"}; ${kept ? "kept" : "NOT kept"}; ${equal ? "the same files in the end" : "OTHER FILES"}`,
    )
    held &&= told !== undefined && kept && equal
  }
  return held
}
