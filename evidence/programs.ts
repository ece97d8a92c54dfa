/** Random programs with gradients on every target against the interpreter. */
import * as E from "fp-ts/lib/Either.js"
import { runGraph } from "../src/core/targets/interpreter/run.js"
import type { TargetName } from "../src/index.js"
import { roundingBound } from "../src/laws/index.js"
import { type Case, cases } from "./programs/generate.js"
import { judge } from "./targets/judge.js"
import { type Answer, onNode, onPages, onTightest, type Results, type Runner } from "./targets/runners.js"

export const title = "200 random programs with gradients: every target within the rounding bound of the float64 interpreter"

/** The largest error over its bound, or what went wrong. */
const verdict = (exact: Results, bounds: Results, found: Answer): number | string =>
  E.isLeft(found) ? found.left.message : judge(exact, bounds, found.right).worst

const nodeTargets: readonly TargetName[] = ["wasm:f64", "wasm", "gpu:webasm", "gpu:cpu"]

export const run = async (args: readonly string[]): Promise<boolean> => {
  const option = (name: string, otherwise: number) => Number(args[args.indexOf(name) + 1] ?? otherwise) || otherwise
  const count = args.includes("--count") ? option("--count", 200) : 200
  const seed = args.includes("--seed") ? option("--seed", 1) : 1
  const all = cases(count, seed)
  const equations = all.reduce((n, c) => n + c.graph.equations.length, 0)
  console.log(`${count} programs, ${equations} equations, seed ${seed}`)
  const exact = all.map((c) => runGraph(c.graph, c.inputs, { cancelled: false }))
  let state = seed
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  const pages = args.includes("--node") ? null : await onPages()
  const opened = [...(await Promise.all(nodeTargets.map(onNode))), await onTightest()]
  const runners: readonly Runner[] = [...opened.flatMap((r) => (E.isRight(r) ? [r.right] : [])), ...(pages?.runners ?? [])]
  let good = opened.every(E.isRight)
  for (const r of opened) if (E.isLeft(r)) console.log(r.left.message)
  for (const r of runners) {
    const found = await r.run(all)
    const judged = all.map((c, i) =>
      verdict(exact[i] as Results, roundingBound(c.graph, c.inputs, random, r.precision), found[i] as Answer),
    )
    const failures = judged.flatMap((j, i) => (typeof j === "string" || !(j <= 1) ? [i] : []))
    const worst = Math.max(0, ...judged.filter((j) => typeof j === "number"))
    console.log(`${r.name.padEnd(24)} ${count - failures.length} of ${count} within the bound, largest error ${worst.toPrecision(3)} of it`)
    for (const i of failures.slice(0, 2)) console.log(`${(all[i] as Case).show}\n  ${judged[i]}`)
    good &&= failures.length === 0
    await r.close()
  }
  await pages?.close()
  console.log(good ? "every program agrees on every target" : "some programs disagree")
  return good
}
