/** What each solver spends for a digit, on eight problems, beside SciPy and optimistix where they are. */
import { writeFileSync } from "node:fs"
import {
  type Curve,
  contenders,
  curvesOf,
  neverCheapest,
  peerCurves,
  problems,
  reached,
  wanted,
  winners,
  workPrecisionPage,
} from "../bench/work-precision/index.js"

export const title = "work-precision: evaluations and time of every solver against its true error on eight problems, beside SciPy's"

const told = (curve: Curve): string => {
  const point = reached(curve, "evaluations")
  const fastest = reached(curve, "ms")
  return point === null || fastest === null
    ? "not reached"
    : `${String(point.evaluations).padStart(6)} ${fastest.ms.toFixed(2).padStart(8)} ms`
}

export const run = async (args: readonly string[]): Promise<boolean> => {
  const peers = peerCurves(problems)
  if (typeof peers === "string") console.log(`no peers: ${peers}`)
  const measured = []
  for (const [i, problem] of problems.entries()) {
    const curves = await curvesOf(problem, contenders)
    const others = typeof peers === "string" ? [] : (peers[i] as readonly Curve[])
    measured.push({ problem, curves, others })
    console.log(`${problem.id}: ${problem.what}; evaluations and time to an error of ${wanted}`)
    for (const curve of [...curves, ...others]) console.log(`  ${curve.solver.padEnd(26)} ${told(curve)}`)
    console.log(`  fewest evaluations: ${winners(curves, "evaluations").join(", ")}; fastest: ${winners(curves, "ms").join(", ")}`)
  }
  const html = args.indexOf("--html")
  if (html >= 0 && args[html + 1] !== undefined)
    writeFileSync(
      args[html + 1] as string,
      workPrecisionPage(measured.map(({ problem, curves, others }) => ({ problem, curves: [...curves, ...others] }))),
    )
  const best = new Set(measured.flatMap(({ curves }) => winners(curves, "evaluations")))
  const silent = contenders.filter(({ name }) => !best.has(name) && neverCheapest[name] === undefined).map(({ name }) => name)
  const stale = Object.keys(neverCheapest).filter((name) => best.has(name))
  for (const [name, why] of Object.entries(neverCheapest)) console.log(`${name} needs the fewest evaluations on none: ${why}`)
  const unsolved = measured
    .filter(({ curves }) => curves.every((curve) => reached(curve, "evaluations") === null))
    .map(({ problem }) => problem.id)
  if (silent.length > 0) console.log(`nothing is said of ${silent.join(", ")}, which need the fewest evaluations on none`)
  if (stale.length > 0) console.log(`${stale.join(", ")} need the fewest evaluations somewhere, other than is said`)
  console.log(`${problems.length} problems, ${contenders.length} solvers; ${unsolved.length} problems not solved to ${wanted}`)
  return unsolved.length === 0 && silent.length === 0 && stale.length === 0
}
