/** What an implicit layer costs: backward as much after 60 iterations as after one, and compiled as fast; and slot attention's step compiled. */

import { atMost, type Judged, report } from "../bench/runner/index.js"
import { turns } from "../bench/workloads/index.js"
import { compileStep } from "./implicit-cost/compiling.js"
import { firstCall, partsOf, training } from "./implicit-cost/parts.js"
import { option } from "./options/index.js"
import { counted, median } from "./timing/stopwatch.js"

export const title =
  "implicit-cost: an implicit layer's backward pass and its compilation do not grow with the iterations; slot attention compiles fast"

const passings = ["oneStep", "exact"] as const
const table = (cells: readonly (string | number)[]): string =>
  cells.map((cell, i) => (typeof cell === "number" ? cell.toFixed(3) : cell)[i === 0 ? "padEnd" : "padStart"](i === 0 ? 16 : 10)).join("")

/**
 * What an iteration more adds to the backward pass, as a share of what it adds to the forward pass: 0 where backward does not grow. The
 * layer that is unrolled stands beside, to show that the measure sees one that does.
 */
const judgeBackward = async (rounds: number): Promise<readonly Judged[]> => {
  const judged: Judged[] = []
  console.log(counted)
  console.log(table(["a call", ...turns.map((k) => `K = ${k}`)]))
  for (const passing of [...passings, "unrolled"] as const) {
    const parts = await partsOf(
      turns.map((k) => `T5.${passing}.${k}`),
      rounds,
    )
    console.log(table([`${passing} forward`, ...parts.map(({ forward }) => forward)]))
    console.log(table(["  backward", ...parts.map(({ backward }) => backward)]))
    console.log(table(["  products", ...parts.map(({ products }) => `${products}`)]))
    const growth = (part: "forward" | "backward") => (parts.at(-1)?.[part] ?? Number.NaN) - (parts[1]?.[part] ?? Number.NaN)
    const share = growth("backward") / growth("forward")
    if (passing === "unrolled") console.log(`T5 unrolled: an iteration adds ${share.toFixed(2)} of its forward time to backward`)
    else judged.push(atMost(`T5 ${passing}: what an iteration adds to backward, of what it adds to forward`, share, 0.2))
  }
  return judged
}

const judgeFirstCall = async (rounds: number): Promise<readonly Judged[]> => {
  const judged: Judged[] = []
  for (const passing of passings) {
    const times: Record<1 | 60, number[]> = { 1: [], 60: [] }
    for (let round = -1; round < rounds; round++)
      for (const k of [1, 60] as const) {
        const ms = await firstCall(`T5.${passing}.${k}`)
        if (round >= 0) times[k].push(ms)
      }
    const [one, sixty] = [median(times[1]), median(times[60])]
    console.log(`T5 ${passing}, first call: ${one.toFixed(1)} ms at K = 1, ${sixty.toFixed(1)} ms at K = 60`)
    judged.push(atMost(`T5 ${passing}: first call at K = 60 over that at K = 1`, sixty / one, 1.2))
  }
  return judged
}

const judgeCompiling = (): readonly Judged[] => {
  const { passes, bytes } = compileStep(training("T1i"))
  const total = Object.values(passes).reduce((a, b) => a + b, 0)
  console.log(
    `T1i, ${counted}: ${Object.entries(passes)
      .map(([name, ms]) => `${name} ${ms.toFixed(0)}`)
      .join(", ")}`,
  )
  return [atMost("T1i: traced, differentiated and compiled", total / 1000, 1.5, " s"), atMost("T1i: its module", bytes / 1e6, 1, " MB")]
}

export const run = async (args: readonly string[]): Promise<boolean> => {
  const rounds = option(args, "--rounds", 9)
  if (rounds === null) return false
  // the step of a fresh process, as a user's program compiles it
  const compiling = judgeCompiling()
  return report([...(await judgeBackward(rounds)), ...(await judgeFirstCall(rounds)), ...compiling], console.log)
}
