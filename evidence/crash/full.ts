/** Runs on a disk that becomes full. */
import { execFileSync } from "node:child_process"
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { drawsOf } from "../../src/models/index.js"
import type { Cli } from "../../test/support/cli.js"
import { finished, sameFiles, saved, start, type Whole } from "./runs.js"

const moments = 5

/** Takes what is left of a disk. */
const fill = (path: string): void => {
  const file = openSync(path, "w")
  try {
    for (let size = 1 << 16; size >= 1; )
      try {
        writeSync(file, Buffer.alloc(size))
      } catch {
        size >>= 4
      }
  } finally {
    closeSync(file)
  }
}

/** A disk of its own in a folder, a few megabytes large; null where this process may not mount one. */
const mounted = (): string | null => {
  const folder = mkdtempSync(join(tmpdir(), "stillpoint-disk-"))
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], { stdio: "ignore" })
    return folder
  } catch {
    rmSync(folder, { recursive: true, force: true })
    return null
  }
}

const onDisk = async (cli: Cli, whole: Whole, disk: string, seed: number): Promise<boolean> => {
  const draws = drawsOf(seed, 9, 1)
  const runs = join(disk, "runs")
  mkdirSync(runs)
  let [held, last, done] = [true, -1, 0]
  // a run that had ended before its disk was full makes room for another one
  for (let tries = 1; done < moments && tries <= 4 * moments; tries++) {
    const running = start(cli, whole.family, runs, "full")
    await running.says("Ctrl-C stops")
    await setTimeout(1000 * draws.uniform() * whole.seconds * 0.4)
    fill(join(disk, "filler"))
    const { code, err } = await running.ended
    rmSync(join(disk, "filler"))
    const { fine, step, told } = await saved(runs, "full")
    held &&= fine && step >= last && (code === 0 || (code === 1 && /ENOSPC|the disk took only a part/.test(err)))
    last = step
    if (code === 0) {
      held &&= sameFiles(whole, runs, "full")
      rmSync(join(runs, "full"), { recursive: true })
      last = -1
      continue
    }
    console.log(`  full disk ${++done}: exit code ${code}, ${told}; ${err.trim().split("\n").at(-1)}`)
  }
  held &&= done === moments
  await finished(cli, whole.family, runs, "full")
  const equal = sameFiles(whole, runs, "full")
  const found = held ? "each was told, what was saved loads" : "one was NOT told, or something saved does NOT load"
  console.log(`${whole.family}: ${moments} full disks: ${found}, and the end is ${equal ? "the same" : "ANOTHER"}`)
  return held && equal
}

/** The disk becomes full at random moments; each time the run ends with a sentence, and goes on when there is room. */
export const full = async (cli: Cli, whole: Whole, seed: number): Promise<boolean> => {
  const disk = mounted()
  if (disk === null) {
    console.log("a full disk was not tried: this process may not mount one; try as root, or: unshare -rm npm run evidence -- crash")
    return false
  }
  try {
    return await onDisk(cli, whole, disk, seed)
  } finally {
    execFileSync("umount", [disk])
    rmSync(disk, { recursive: true, force: true })
  }
}
