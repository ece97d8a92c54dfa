/** Whole training steps beside PyTorch, JAX and the libraries in JavaScript: the same numbers, the same losses, one run. */
import { howToInstall, isInstalled } from "../bench/engines/index.js"
import { atLeast, type Judged, lines, type Measured, overBest, ratio, report, runBench } from "../bench/runner/index.js"
import { option } from "./options/index.js"

export const title =
  "steps: training steps of slot attention, an MLP, a GRU, a transformer, an implicit layer and SLATE beside PyTorch, JAX and JavaScript"

const own = "stillpoint"

/** The least speed over PyTorch on as many threads. */
const overTorch: Readonly<Record<string, number>> = {
  T1i: 0.7,
  T1u: 0.7,
  T2: 0.5,
  T3: 1.3,
  T4: 0.45,
  "T5.oneStep.30": 1.5,
  "T5.unrolled.30": 1.5,
  T6: 0.5,
}

/** Workloads that no library in JavaScript has a writing of. */
const alone: readonly string[] = ["T6"]

const judge = (measured: Measured): readonly Judged[] => {
  const { id } = measured.workload
  return [
    atLeast(`${id} over PyTorch`, ratio(measured, own, "torch"), overTorch[id] as number),
    ...(alone.includes(id) ? [] : [atLeast(`${id} over the best in JavaScript`, overBest(measured, own, ["tfjs", "jax-js"]), 2)]),
  ]
}

export const run = async (args: readonly string[]): Promise<boolean> => {
  const rounds = option(args, "--rounds", 9)
  const threads = option(args, "--threads", 1)
  if (rounds === null || threads === null) return false
  if (!isInstalled() || process.env.STILLPOINT_BENCH_PYTHON === undefined) {
    console.log(`nothing was measured: ${howToInstall}, and name a Python that has torch, jax and numpy by STILLPOINT_BENCH_PYTHON`)
    return false
  }
  const at = args.indexOf("--only")
  const only = at < 0 ? Object.keys(overTorch) : (args[at + 1] ?? "").split(",")
  const unknown = only.filter((id) => !Object.hasOwn(overTorch, id))
  if (unknown.length > 0) {
    console.log(`no bound is set for ${unknown.join(", ")}; there are ${Object.keys(overTorch).join(", ")}`)
    return false
  }
  const { measured } = await runBench(
    { only, engines: [own, "torch", "jax", "tfjs", "jax-js"], threads, rounds, json: null },
    console.log,
    (one) => console.log(lines(one, own).join("\n")),
  )
  return report(measured.flatMap(judge), console.log)
}
