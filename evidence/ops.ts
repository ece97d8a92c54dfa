/** Every op against its reference and its laws: the worst error of each; and how many broken rules the laws catch. */
import "../src/implicit/index.js"
import { type AnyOp, ops } from "../src/core/index.js"
import * as laws from "../src/laws/index.js"
import { brokenRules, hunt, inputsFor } from "../test/laws/broken-rules.js"
import { referenceLaw } from "../test/ops/reference/law.js"

export const title = "every op against its reference, its derivatives against differences and adjoints, and broken rules caught by the laws"

/** A column, and the laws whose worst error stands in it. */
const columns: Readonly<Record<string, readonly string[]>> = {
  reference: ["the reference"],
  "<u, Jv> = <J'u, v>": ["transpose is the adjoint", "vjp is the adjoint of jvp"],
  "J by differences": ["jvp is the derivative"],
  "second order": ["jvp of jvp is the second derivative", "vjp of jvp is the adjoint of jvp of jvp", "the three ways to a Hessian agree"],
  "vmap = map": ["vmap is map", "vmap of vmap is map of map"],
}
/** What rounding may do to an inner product, relative to its terms. */
const BOUND = 1e-10
const SEED = 1

/** `exact`, an error, or `-` where the laws say nothing of this op. */
const cell = (reports: readonly laws.LawReport[]): string => {
  const telling = reports.filter((r) => r.vacuous < r.runs)
  const worst = Math.max(...telling.map((r) => r.worst))
  return telling.length === 0 ? "-" : worst === 0 ? "exact" : worst.toExponential(1)
}

interface Row {
  readonly reports: Readonly<Record<string, readonly laws.LawReport[]>>
  readonly failures: readonly laws.LawFailure[]
}

const measure = async (op: AnyOp, runs: number): Promise<Row> => {
  const found: laws.LawReport[] = []
  const failures: laws.LawFailure[] = []
  for (const law of [referenceLaw(op), ...laws.op(op)]) {
    const outcome = await laws.check(law, { runs, seed: SEED })()
    if (outcome._tag === "Right") found.push(...outcome.right)
    else failures.push(outcome.left)
  }
  const of = (names: readonly string[]) => found.filter((r) => names.includes(r.law.slice(op.name.length + 2)))
  return { reports: Object.fromEntries(Object.entries(columns).map(([column, names]) => [column, of(names)])), failures }
}

const table = async (runs: number): Promise<{ readonly failures: number; readonly worst: number }> => {
  const widths = Object.keys(columns).map((c) => Math.max(c.length, 9))
  const line = (name: string, cells: readonly string[]) =>
    [name.padEnd(13), ...cells.map((c, i) => c.padStart(widths[i] as number))].join("  ")
  console.log(line("", Object.keys(columns)))
  let [failures, worst] = [0, 0]
  for (const op of ops().values()) {
    // an input of a solve takes as long as a hundred of the others
    const row = await measure(op, inputsFor(op.name) < 100 ? Math.ceil(runs / 5) : runs)
    console.log(line(op.name, Object.values(row.reports).map(cell)))
    for (const f of row.failures) console.log(f.message)
    failures += row.failures.length
    worst = Math.max(worst, ...(row.reports["<u, Jv> = <J'u, v>"] as readonly laws.LawReport[]).map((r) => r.worst))
  }
  return { failures, worst }
}

export const run = async (args: readonly string[]): Promise<boolean> => {
  const at = args.indexOf("--runs")
  const runs = at < 0 ? 20 : Number(args[at + 1])
  if (!Number.isSafeInteger(runs) || runs < 1) {
    console.log(`--runs: expected a whole number of at least 1, found ${args[at + 1] ?? "nothing"}`)
    return false
  }
  console.log(`${runs} inputs a law (a fifth for solves), seed ${SEED}; errors relative to the size of the terms`)
  const { failures, worst } = await table(runs)
  const caught = { "laws.op": 0, "the reference": 0 }
  for (const rule of brokenRules) {
    const found = await hunt(rule, inputsFor(rule.op), SEED)
    if (found === null) console.log(`not caught: ${rule.op}, ${rule.rule}: ${rule.what}`)
    else caught[found.law.endsWith(": the reference") ? "the reference" : "laws.op"]++
  }
  const all = caught["laws.op"] + caught["the reference"]
  console.log(`broken rules: ${caught["laws.op"]} caught by laws.op, ${caught["the reference"]} (of how an op is lowered) by its reference`)
  console.log(
    `${ops().size} ops, ${failures} laws broken, worst dot-product error ${worst.toExponential(1)} (bound ${BOUND}); ${all} of ${brokenRules.length} broken rules caught`,
  )
  return failures === 0 && worst <= BOUND && all === brokenRules.length
}
