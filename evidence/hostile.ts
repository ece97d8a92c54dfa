/** Random hostile problems by every solver, adjoint and policy: what is handed out is as claimed, or it is refused. */
import { hunt } from "./hostile/hunt.js"
import { hostileTargets } from "./hostile/plan.js"
import { option } from "./options/index.js"

export const title =
  "10,000 hostile fixed-point problems, each solver, adjoint and policy, on interpreter, wasm:f64 and wasm: no silent error"

const SHOWN = 10

export const run = async (args: readonly string[]): Promise<boolean> => {
  const [count, seed] = [option(args, "--count", 10_000), option(args, "--seed", 1)]
  const only = args.includes("--only") ? Number(args[args.indexOf("--only") + 1]) : null
  if (count === null || seed === null) return false
  const [from, to] = only === null ? [0, count] : [only, only + 1]
  const tally = { refused: 0, answered: 0, rows: 0, adjoints: 0 }
  const faults: string[] = []
  const ran: Record<string, number> = Object.fromEntries(hostileTargets.map((t) => [t, 0]))
  for await (const { number, plan, finding } of hunt(seed, from, to)) {
    if (number % 40 === 0) process.stderr.write(`  ${number} of ${to}, ${faults.length} faults\r`)
    ran[plan.target] = (ran[plan.target] ?? 0) + 1
    if (finding.t === "refused") tally.refused++
    else if (finding.t === "answered") {
      tally.answered++
      tally.rows += finding.converged
      tally.adjoints += finding.adjoints
    } else {
      faults.push(`case ${number} of seed ${seed} (${plan.told}): ${finding.why}`)
      if (faults.length <= SHOWN) console.log(faults[faults.length - 1])
    }
  }
  console.log(
    Object.entries(ran)
      .map(([target, n]) => `${target} ${n}`)
      .join(", "),
  )
  console.log(
    `${tally.refused} refused with their status, ${tally.answered} answered: ${tally.rows} rows Converged, residuals as told, ${tally.adjoints} adjoint states held against their equation`,
  )
  if (faults.length > 0) console.log("run one again with: npm run evidence -- hostile --seed S --only CASE")
  console.log(`${to - from} cases, seed ${seed}: ${faults.length} silent errors`)
  return faults.length === 0
}
