/** Work-precision diagrams as a page: error against evaluations, and against time, a pair a problem. */
import { type Chart, renderReport } from "../../src/models/report/index.js"
import type { Curve, Point } from "./measure.js"
import type { Problem } from "./problems.js"

const chart = (title: string, xLabel: string, curves: readonly Curve[], x: (p: Point) => number): Chart => ({
  title,
  xLabel,
  yLabel: "|z - z*| / |z*|",
  yScale: "log",
  series: curves
    .filter(({ points }) => points.length > 0)
    .map(({ solver, points }) => {
      const sorted = [...points].sort((a, b) => x(a) - x(b))
      return { name: solver, x: sorted.map((p) => Math.log10(x(p))), y: sorted.map((p) => p.error) }
    }),
})

export const workPrecisionPage = (measured: readonly { readonly problem: Problem; readonly curves: readonly Curve[] }[]): string =>
  renderReport({
    title: "Work and precision",
    summary:
      "What a solver spends until its error is so small, on wasm in float64: evaluations of f and products with its Jacobian, and time.",
    curves: measured.flatMap(({ problem, curves }) => [
      chart(`${problem.id}: ${problem.what}`, "log10 of evaluations", curves, (p) => p.evaluations),
      chart(`${problem.id}, time`, "log10 of milliseconds", curves, (p) => p.ms),
    ]),
  })
