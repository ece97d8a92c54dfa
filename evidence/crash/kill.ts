/** Runs that are killed at random moments. */
import { setTimeout } from "node:timers/promises"
import { drawsOf } from "../../src/models/index.js"
import type { Cli } from "../../test/support/cli.js"
import { sameFiles, saved, start, type Whole } from "./runs.js"

const kills = 20

/** Lets a run go on for so many seconds; whether it had to be killed. */
const killedAfter = async (cli: Cli, { family, runs }: Whole, name: string, seconds: number): Promise<boolean> => {
  const running = start(cli, family, runs, name)
  const clock = new AbortController()
  const over = await Promise.race([running.ended, setTimeout(1000 * seconds, null, { signal: clock.signal }).catch(() => null)])
  clock.abort()
  running.child.kill("SIGKILL")
  const { code, err } = await running.ended
  if (over !== null && code !== 0) throw new Error(`it failed by itself: ${err}`)
  return over === null
}

/** `kill -9` at random moments until there were enough: whatever is left loads, no step that was saved is missing, and the ends are equal. */
export const killed = async (cli: Cli, whole: Whole, seed: number): Promise<boolean> => {
  const draws = drawsOf(seed, 9, 0)
  let [done, round] = [0, 0]
  let held = true
  for (; done < kills; round++) {
    const name = `${whole.family}-killed-${round}`
    let last = -1
    for (;;) {
      const seconds = done < kills ? draws.uniform() * whole.seconds * 0.7 : 600
      if (!(await killedAfter(cli, whole, name, seconds))) break
      done++
      const { fine, step, told } = await saved(whole.runs, name)
      console.log(`  kill ${String(done).padStart(2)} after ${seconds.toFixed(2)} s: ${told}`)
      held &&= fine && step >= last
      last = step
    }
    const equal = sameFiles(whole, whole.runs, name)
    console.log(`  ${name}: finished, ${equal ? "the same checkpoint and metrics" : "OTHER FILES"}`)
    held &&= equal
  }
  console.log(
    `${whole.family}: ${done} kills, ${round} runs: ${held ? "all went on from what they had saved and ended alike" : "NOT all did"}`,
  )
  return held
}
