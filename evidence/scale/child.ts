/** One measurement in a process of its own, asked for by its arguments and printed as JSON. */

import { median } from "../timing/stopwatch.js"
import { type Shape, timeGraph } from "./graphs.js"
import { type Step, timeStep } from "./slot-step.js"

export type Request =
  | { readonly t: "graph"; readonly shape: Shape; readonly ops: number; readonly warmUp: number; readonly repeats: number }
  | ({ readonly t: "step" } & Step)

const collectGarbage = (globalThis as { readonly gc?: () => void }).gc

const answer = async (request: Request): Promise<unknown> => {
  if (request.t === "step") return timeStep(request)
  const { shape, ops, warmUp, repeats } = request
  timeGraph(shape, warmUp)
  const runs = Array.from({ length: repeats }, () => timeGraph(shape, ops, collectGarbage))
  const [first] = runs as [(typeof runs)[number], ...typeof runs]
  const passes = Object.fromEntries(Object.keys(first.passes).map((p) => [p, median(runs.map((r) => r.passes[p] as number))]))
  return { ops: first.ops, passes }
}

console.log(JSON.stringify(await answer(JSON.parse(process.argv[2] as string) as Request)))
