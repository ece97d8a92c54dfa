/** Every op against its reference and its laws on the float64 interpreter: the worst error of each. */
import { type AnyOp, ops } from "../../src/core/index.js"
import * as laws from "../../src/laws/index.js"
import { inputsFor } from "../../test/laws/broken-rules.js"
import { referenceLaw } from "../../test/ops/reference/law.js"

/** A column, and the laws whose worst error stands in it. */
const columns: Readonly<Record<string, readonly string[]>> = {
  reference: ["the reference"],
  "<u, Jv> = <J'u, v>": ["transpose is the adjoint", "vjp is the adjoint of jvp"],
  "J by differences": ["jvp is the derivative"],
  "second order": ["jvp of jvp is the second derivative", "vjp of jvp is the adjoint of jvp of jvp", "the three ways to a Hessian agree"],
  "vmap = map": ["vmap is map", "vmap of vmap is map of map"],
}

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

const measure = async (op: AnyOp, runs: number, seed: number): Promise<Row> => {
  const found: laws.LawReport[] = []
  const failures: laws.LawFailure[] = []
  for (const law of [referenceLaw(op), ...laws.op(op)]) {
    const outcome = await laws.check(law, { runs, seed })()
    if (outcome._tag === "Right") found.push(...outcome.right)
    else failures.push(outcome.left)
  }
  const of = (names: readonly string[]) => found.filter((r) => names.includes(r.law.slice(op.name.length + 2)))
  return { reports: Object.fromEntries(Object.entries(columns).map(([column, names]) => [column, of(names)])), failures }
}

/** Prints the table. `worst` is the largest error of a dot-product test. */
export const lawTable = async (runs: number, seed: number): Promise<{ readonly failures: number; readonly worst: number }> => {
  const widths = Object.keys(columns).map((c) => Math.max(c.length, 9))
  const line = (name: string, cells: readonly string[]) =>
    [name.padEnd(15), ...cells.map((c, i) => c.padStart(widths[i] as number))].join("  ")
  console.log(line("", Object.keys(columns)))
  let [failures, worst] = [0, 0]
  for (const op of ops().values()) {
    // an input of a solve takes as long as a hundred of the others
    const row = await measure(op, inputsFor(op.name) < 100 ? Math.ceil(runs / 5) : runs, seed)
    console.log(line(op.name, Object.values(row.reports).map(cell)))
    for (const f of row.failures) console.log(f.message)
    failures += row.failures.length
    worst = Math.max(worst, ...(row.reports["<u, Jv> = <J'u, v>"] as readonly laws.LawReport[]).map((r) => r.worst))
  }
  return { failures, worst }
}
