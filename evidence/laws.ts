/** The laws of solvers and of implicit layers on generated problems, a line a law. */
import type { Adjoint, Solver } from "../src/index.js"
import * as laws from "../src/laws/index.js"
import { adjointList, goesTogether, solverList } from "../test/support/implicit-lists.js"
import { option } from "./options/index.js"

export const title = "Laws of implicit layers and of every solver on generated problems, 1,000 inputs each"

/** Solvers with the adjoints that take turns with them, so that each adjoint meets several. */
const pairs = (): readonly { readonly name: string; readonly solver: Solver }[] =>
  solverList.map(({ name, value }, i) => {
    const fitting = adjointList.filter((a) => goesTogether(value, a.value) && exactly(a.value))
    const { name: how, value: adjoint } = fitting[i % fitting.length] as (typeof fitting)[number]
    return { name: `${name}, ${how}`, solver: { ...value, adjoint } }
  })
const exactly = ({ _tag }: Adjoint): boolean => _tag === "exact"

interface Line {
  readonly theorem: string
  runs: number
  vacuous: number
  worst: number
  readonly failures: string[]
}

export const run = async (args: readonly string[]): Promise<boolean> => {
  const [runs, seed] = [option(args, "--runs", 1000), option(args, "--seed", 1)]
  if (runs === null || seed === null) return false
  const lines = new Map<string, Line>()
  const all = pairs()
  // every solver has its share of a law's inputs
  const share = Math.ceil(runs / all.length)
  for (const { name, solver } of all)
    for (const law of laws.solver(solver)) {
      process.stderr.write(`  ${name}: ${law.name}\u001b[K\r`)
      const line = lines.get(law.name) ?? { theorem: law.theorem, runs: 0, vacuous: 0, worst: 0, failures: [] }
      lines.set(law.name, line)
      const outcome = await laws.check(law, { runs: share, seed })()
      if (outcome._tag === "Left") {
        line.runs += outcome.left.runs
        line.failures.push(`${name}: ${outcome.left.message}`)
      } else {
        line.runs += share
        line.vacuous += outcome.right[0]?.vacuous ?? 0
        line.worst = Math.max(line.worst, outcome.right[0]?.worst ?? 0)
      }
    }
  for (const [name, { theorem, runs: tried, vacuous, worst, failures }] of lines) {
    console.log(
      `${name.padEnd(34)} ${tried} runs, ${vacuous} outside the law, worst error ${worst.toExponential(1)}, ${failures.length} failures  ${theorem}`,
    )
    for (const failure of failures) console.log(failure)
  }
  const failing = [...lines.values()].filter(({ failures }) => failures.length > 0).length
  console.log(`${lines.size} laws, ${all.length} solvers, seed ${seed}: ${failing} laws fail`)
  return failing === 0
}
