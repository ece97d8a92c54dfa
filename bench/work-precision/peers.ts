/** Curves of SciPy's solvers, and of optimistix where the Python that is named has it. */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { type Curve, solutionOf, tolerances } from "./measure.js"
import type { Problem } from "./problems.js"

/** A list of curves a problem; or in one line why there are none. */
export const peerCurves = (problems: readonly Problem[]): readonly (readonly Curve[])[] | string => {
  const python = process.env.STILLPOINT_BENCH_PYTHON
  if (python === undefined) return "name a Python that has scipy (and optimistix) by STILLPOINT_BENCH_PYTHON"
  const script = fileURLToPath(new URL("./peers.py", import.meta.url))
  const input = JSON.stringify(problems.map((problem) => ({ ...problem, solution: solutionOf(problem) })))
  const ran = spawnSync(python, [script, JSON.stringify(tolerances)], { input, encoding: "utf8", maxBuffer: 2 ** 26 })
  if (ran.status !== 0) return `${python}: ${(ran.error?.message ?? ran.stderr.trim().split("\n").at(-1) ?? "").slice(0, 200)}`
  return JSON.parse(ran.stdout) as readonly (readonly Curve[])[]
}
