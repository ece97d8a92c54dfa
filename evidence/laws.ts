/** The laws of solvers and of implicit layers on generated problems, a line a law. */
import type { Adjoint, Solver } from "../src/index.js"
import * as laws from "../src/laws/index.js"
import { adjointList, goesTogether, solverList } from "../test/support/implicit-lists.js"
import { keep, kept, keyOf, type Tried } from "./laws/kept.js"
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
  ms: number
  readonly failures: string[]
}

const tryOn = async (law: laws.AnyLaw, solver: string, asked: number, seed: number): Promise<Tried> => {
  const begun = performance.now()
  const outcome = await laws.check(law, { runs: asked, seed })()
  const about = { solver, law: law.name, theorem: law.theorem, seed, asked, ms: Math.round(performance.now() - begun) }
  if (outcome._tag === "Left") return { ...about, runs: outcome.left.runs, vacuous: 0, worst: 0, failure: outcome.left.message }
  const { vacuous = 0, worst = 0 } = outcome.right[0] ?? {}
  return { ...about, runs: asked, vacuous, worst, failure: null }
}

/** `--keep FILE` writes down what came of each law, and takes from there what it has of the same seed and the same number of runs. */
export const run = async (args: readonly string[]): Promise<boolean> => {
  const [runs, seed] = [option(args, "--runs", 1000), option(args, "--seed", 1)]
  if (runs === null || seed === null) return false
  const file = args.includes("--keep") ? args[args.indexOf("--keep") + 1] : undefined
  const before = file === undefined ? new Map<string, Tried>() : kept(file)
  const lines = new Map<string, Line>()
  const all = pairs()
  // every solver has its share of a law's inputs
  const asked = Math.ceil(runs / all.length)
  for (const { name, solver } of all)
    for (const law of laws.solver(solver)) {
      process.stderr.write(`  ${name}: ${law.name}\u001b[K\r`)
      const known = before.get(keyOf({ solver: name, law: law.name, seed, asked }))
      const tried = known ?? (await tryOn(law, name, asked, seed))
      if (file !== undefined && known === undefined) keep(file, tried)
      const line = lines.get(law.name) ?? { theorem: law.theorem, runs: 0, vacuous: 0, worst: 0, ms: 0, failures: [] }
      lines.set(law.name, line)
      line.runs += tried.runs
      line.vacuous += tried.vacuous
      line.worst = Math.max(line.worst, tried.worst)
      line.ms += tried.ms
      if (tried.failure !== null) line.failures.push(`${name}: ${tried.failure}`)
    }
  for (const [name, { theorem, runs: tried, vacuous, worst, ms, failures }] of lines) {
    console.log(
      `${name.padEnd(34)} ${tried} runs, ${vacuous} outside the law, worst error ${worst.toExponential(1)}, ${failures.length} failures, ${Math.ceil(ms / 1000)} s  ${theorem}`,
    )
    for (const failure of failures) console.log(failure)
  }
  const failing = [...lines.values()].filter(({ failures }) => failures.length > 0).length
  console.log(`${lines.size} laws, ${all.length} solvers, seed ${seed}: ${failing} laws fail`)
  return failing === 0
}
