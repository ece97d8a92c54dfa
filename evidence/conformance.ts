/** The conformance list of implicit layers: the worst error a row, over solvers and modes. */
import { measure } from "../test/conformance/measure.js"
import { standard } from "../test/conformance/row.js"
import { leftOut, rows } from "../test/conformance/rows.js"

export const title = "implicit layers against closed forms and 50-digit values: value and derivatives of every row to 1e-10"

const BOUND = 1e-10

export const run = async (): Promise<boolean> => {
  let [worst, cases] = [0, 0]
  for (const row of rows) {
    const solvers = Object.entries(row.solvers ?? standard)
    const parts: Record<string, number> = {}
    for (const [, solver] of solvers)
      for (const [what, error] of Object.entries(measure(row, solver))) {
        const part = what.split(",")[0] as string
        parts[part] = Math.max(parts[part] ?? 0, error)
        cases++
      }
    worst = Math.max(worst, ...Object.values(parts))
    const told = Object.entries(parts).map(([part, error]) => `${part} ${error.toExponential(1)}`)
    console.log(`${row.id.padEnd(7)} ${row.what.padEnd(62)} ${told.join(", ")}  (${solvers.map(([name]) => name).join(", ")})`)
  }
  for (const [id, why] of Object.entries(leftOut)) console.log(`left out: ${id}: ${why}`)
  console.log(`${rows.length} rows, ${cases} comparisons, worst relative error ${worst.toExponential(1)}, bound ${BOUND}`)
  return worst < BOUND
}
