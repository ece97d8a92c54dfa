/** A run that is killed at 20 random moments: its checkpoint always loads, and in the end its files are those of a run that was left alone. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import * as E from "fp-ts/lib/Either.js"
import { drawsOf, load } from "../src/models/index.js"
import { bundleCli, type Cli, tinyOptions } from "../test/support/cli.js"

export const title = "kill -9 at 20 random moments: the last checkpoint loads, training goes on, the same files bit for bit"

const kills = 20
const steps = 400

const settings = {
  steps,
  "model.width": 8,
  "encoder.channels": 8,
  "encoder.kernels": [3],
  "encoder.hidden": 8,
  "decoder.hidden": 8,
  "training.batch": 4,
  "training.checkpointEvery": 10,
  "training.evaluateEvery": 150,
  "evaluation.scenes": 8,
  "evaluation.finalScenes": 16,
}

interface Setting {
  readonly cli: Cli
  readonly runs: string
  readonly name: string
}

const checkpointOf = ({ runs, name }: Setting): string => join(runs, name, "checkpoint.safetensors")

const start = (s: Setting) => {
  const resume = existsSync(checkpointOf(s))
  return s.cli.start("train", "--runs", s.runs, "--name", s.name, ...(resume ? ["--resume"] : tinyOptions(settings)))
}

/** Lets a run go on for so many seconds; whether it had to be killed. */
const killedAfter = async (s: Setting, seconds: number): Promise<boolean> => {
  const running = start(s)
  const clock = new AbortController()
  const over = await Promise.race([running.ended, setTimeout(1000 * seconds, null, { signal: clock.signal }).catch(() => null)])
  clock.abort()
  running.child.kill("SIGKILL")
  const { code, err } = await running.ended
  if (over !== null && code !== 0) throw new Error(`it failed by itself: ${err}`)
  return over === null
}

const sameFiles = (runs: string, a: string, b: string): boolean =>
  ["checkpoint.safetensors", "metrics.jsonl"].every((of) => readFileSync(join(runs, a, of)).equals(readFileSync(join(runs, b, of))))

export const run = async (args: readonly string[]): Promise<boolean> => {
  const seed = Number(args[0] ?? 1)
  const draws = drawsOf(seed, 9, 0)
  const runs = mkdtempSync(join(tmpdir(), "stillpoint-crash-"))
  const cli = await bundleCli()
  try {
    const begun = performance.now()
    await killedAfter({ cli, runs, name: "whole" }, 600)
    const alone = (performance.now() - begun) / 1000
    console.log(`left alone: ${steps} steps in ${alone.toFixed(1)} s (seed of the moments: ${seed})`)
    let [done, loaded, missing, round] = [0, 0, 0, 0]
    let same = true
    for (; done < kills || round === 0; round++) {
      const s = { cli, runs, name: `killed-${round}` }
      for (let finished = false; !finished; ) {
        const seconds = done < kills ? draws.uniform() * alone * 0.7 : 600
        finished = !(await killedAfter(s, seconds))
        if (finished) break
        done++
        const checkpoint = existsSync(checkpointOf(s)) ? await load(checkpointOf(s))() : null
        if (checkpoint === null) missing++
        else if (E.isRight(checkpoint)) loaded++
        const told =
          checkpoint === null
            ? "no checkpoint yet"
            : E.isLeft(checkpoint)
              ? checkpoint.left.message
              : `step ${checkpoint.right.snapshot.step}`
        console.log(`kill ${String(done).padStart(2)} after ${seconds.toFixed(2)} s: ${told}`)
      }
      const equal = sameFiles(runs, "whole", s.name)
      console.log(`${s.name}: finished, ${equal ? "the same checkpoint and metrics" : "OTHER FILES"}`)
      same &&= equal
    }
    console.log(
      `${done} kills: ${loaded} checkpoints loaded, ${missing} came before the first one; ${round} runs ended, ${same ? "all" : "NOT all"} bit for bit as if left alone`,
    )
    return same && loaded + missing === done
  } finally {
    cli.remove()
    rmSync(runs, { recursive: true, force: true })
  }
}
