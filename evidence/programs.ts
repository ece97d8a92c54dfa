/** Random programs with gradients on every target against the interpreter. */
import { existsSync } from "node:fs"
import * as E from "fp-ts/lib/Either.js"
import { buildSchedule } from "../src/core/compile/build.js"
import { openGpu } from "../src/core/targets/gpu/index.js"
import { modes, tightest } from "../src/core/targets/gpu/modes.js"
import { runGraph } from "../src/core/targets/interpreter/run.js"
import { openTarget } from "../src/core/targets/registry.js"
import type { DeviceBuffer, TargetSession } from "../src/core/targets/target.js"
import { physicalShape, type TargetName } from "../src/index.js"
import { type Precision, precisionOf, roundingBound } from "../src/laws/index.js"
import { chromiumPath, startBrowser } from "../test/support/chromium.js"
import type { Outcome } from "../test/support/gpu-driver.js"
import { type Case, cases } from "./programs/generate.js"

export const title = "200 random programs with gradients: every target within the rounding bound of the float64 interpreter"

type Results = readonly ArrayLike<number>[]
interface Runner {
  readonly name: string
  readonly precision: Precision
  /** Results a case; a string is a failure. */
  readonly run: (all: readonly Case[]) => Promise<readonly (Results | string)[]>
}

const inSession = async (session: TargetSession, { graph, inputs }: Case): Promise<Results | string> => {
  const loaded = session.load(graph)
  if (E.isLeft(loaded)) return loaded.left.message
  const buffers: DeviceBuffer[] = []
  for (const [i, data] of inputs.entries()) {
    const type = graph.types[i] as (typeof graph.types)[number]
    const buffer = session.upload(data, { elem: type.elem, shape: physicalShape(type) })
    if (E.isLeft(buffer)) return buffer.left.message
    buffers.push(buffer.right)
  }
  const outputs = await loaded.right.run(buffers, { cancelled: false })()
  if (E.isLeft(outputs)) return outputs.left.message
  const values: Float64Array[] = []
  for (const buffer of outputs.right) {
    const read = await session.read(buffer)()
    if (E.isLeft(read)) return read.left.message
    values.push(read.right)
  }
  for (const buffer of [...buffers, ...outputs.right]) session.free(buffer)
  loaded.right.dispose()
  return values
}

const withSession = async (open: () => Promise<TargetSession | string>, all: readonly Case[]): Promise<readonly (Results | string)[]> => {
  const session = await open()
  if (typeof session === "string") return all.map(() => session)
  const results: (Results | string)[] = []
  for (const c of all) results.push(await inSession(session, c))
  session.close()
  return results
}

const onNode = (target: TargetName): Runner => ({
  name: target,
  precision: precisionOf(target),
  run: (all) =>
    withSession(async () => {
      const opened = await openTarget(target)()
      return E.isLeft(opened) ? opened.left.message : opened.right.session
    }, all),
})

const tight: Runner = {
  name: "gpu:cpu, tightest table",
  precision: precisionOf("gpu:cpu"),
  run: (all) =>
    withSession(async () => {
      const opened = await openGpu("cpu", { capabilities: tightest })()
      return E.isLeft(opened) ? opened.left.message : opened.right
    }, all),
}

const onPage = (mode: "webgl2" | "webgpu"): Runner => ({
  name: `gpu:${mode} (Chromium, SwiftShader)`,
  precision: precisionOf(`gpu:${mode}`),
  run: async (all) => {
    const browser = await startBrowser()
    try {
      const jobs = all.map((c) => ({ schedule: buildSchedule(c.graph, modes[mode].capabilities), inputs: c.inputs.map((x) => [...x]) }))
      const entry = new URL("../test/support/browser-gpu-entry.ts", import.meta.url)
      const results: (Results | string)[] = []
      for (let from = 0; from < jobs.length; from += 20) {
        const outcomes = await browser.call<readonly Outcome[]>(entry, "runJobs", mode, {}, jobs.slice(from, from + 20))
        results.push(...outcomes.map((o) => o.error?.message ?? o.outputs))
        process.stdout.write(`\r  ${mode}: ${results.length} of ${jobs.length}`)
      }
      process.stdout.write("\r")
      return results
    } finally {
      await browser.close()
    }
  },
})

/** The largest error over its bound, or what went wrong. */
const judge = (exact: Results, bounds: Results, found: Results | string): number | string => {
  if (typeof found === "string") return found
  let worst = 0
  exact.forEach((y, k) => {
    for (let i = 0; i < y.length; i++) {
      const [want, got] = [y[i] as number, (found[k] as ArrayLike<number>)[i] as number]
      if (Object.is(want, got)) continue
      worst = Math.max(
        worst,
        Number.isFinite(want) && Number.isFinite(got) ? Math.abs(want - got) / ((bounds[k] as ArrayLike<number>)[i] as number) : Infinity,
      )
    }
  })
  return worst
}

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
  const runners = [
    onNode("wasm:f64"),
    onNode("wasm"),
    onNode("gpu:webasm"),
    onNode("gpu:cpu"),
    tight,
    ...(existsSync(chromiumPath) && !args.includes("--node") ? [onPage("webgl2"), onPage("webgpu")] : []),
  ]
  if (!existsSync(chromiumPath)) console.log(`no Chromium at ${chromiumPath}: gpu:webgl2 and gpu:webgpu are left out`)
  let good = true
  for (const r of runners) {
    const found = await r.run(all)
    const judged = all.map((c, i) =>
      judge(exact[i] as Results, roundingBound(c.graph, c.inputs, random, r.precision), found[i] as Results | string),
    )
    const failures = judged.flatMap((j, i) => (typeof j === "string" || j > 1 ? [i] : []))
    const worst = Math.max(0, ...judged.filter((j) => typeof j === "number"))
    console.log(`${r.name.padEnd(34)} ${count - failures.length} of ${count} within the bound, largest error ${worst.toPrecision(3)} of it`)
    for (const i of failures.slice(0, 2)) console.log(`${(all[i] as Case).show}\n  ${judged[i]}`)
    good &&= failures.length === 0
  }
  console.log(good ? "every program agrees on every target" : "some programs disagree")
  return good
}
